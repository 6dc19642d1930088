import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareRun } from '../../../src/app/jobs/compare_run.ts';
import { type Reporter, silentReporter } from '../../../src/app/reporter.ts';
import type { CompareSettings } from '../../../src/app/settings/compare.ts';
import type { EncoderComparison } from '../../../src/label/compare/result.ts';
import { platform } from '../../../src/platform/node.ts';
import { assertUserError } from '../../data/temporary.ts';

// One comparison whole and once more in pieces. A temperature that no loss survives makes one of the methods diverge.
const folder = mkdtempSync(join(tmpdir(), 'kindred-compare-'));
const settings = {
  data: 'demo',
  limit: 60,
  testLimit: 24,
  imageSize: 8,
  width: 2,
  batch: 12,
  budget: 120,
  temperature: 1e-37,
  steps: 2,
  draws: 2,
  perClass: '2,all',
  downstream: ['probe', 'knn'],
  methods: ['simclr', 'rotation', 'relative', 'scratch'],
} satisfies CompareSettings;

/** Runs the job, and aborts it when something is told that matches. */
async function run(
  out: string,
  more: CompareSettings = {},
  stopAt?: RegExp,
): Promise<{ ended: Awaited<ReturnType<typeof compareRun>>; told: string[] }> {
  const controller = new AbortController();
  const told: string[] = [];
  const hear = (text: string) => {
    told.push(text);
    if (stopAt?.test(text)) controller.abort();
  };
  const reporter: Reporter = {
    ...silentReporter,
    signal: controller.signal,
    note: (text) => hear(String(text)),
    progress: ({ stage, done, figures }) => hear([stage, done, ...(figures ?? [])].join(' ')),
  };
  const context = { files: platform.files, reporter, command: ['compare'], versions: { kindred: '1.2.3' } };
  return { ended: await compareRun({ ...settings, ...more, out: join(folder, out) }, context), told };
}

const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');
const linesOf = (name: string) => textOf(name).split('\n').slice(0, -1);

test('a method that diverges is given up and said, the others are scored on the same draws and held-out images', async () => {
  const { ended, told } = await run('whole');
  assert.not(ended.interrupted);
  assert.ok(
    told.some((line) => /^SimCLR is given up, the others go on: the loss is NaN at step 1/.test(line)),
  );
  const comparison: EncoderComparison = JSON.parse(textOf('whole/compare.json'));
  const [simclr, rotation, relative, scratch, random] = comparison.encoders;
  assert.match(simclr!.stopped!, 'training diverged');
  assert.equal(simclr!.curves, []);
  assert.is(comparison.reference, 'rotation');
  assert.equal(comparison.budget, { of: 'images', amount: 120 });
  assert.equal(rotation!.budget, relative!.budget);
  assert.equal(comparison.heldOut, { images: 24, from: 'official test images' });
  const curves = (encoder: typeof rotation) => encoder!.curves.map(({ how }) => how);
  assert.equal([rotation, relative, scratch, random].map(curves), [
    ['probe', 'knn'],
    ['probe', 'knn'],
    ['supervised'],
    ['probe', 'knn'],
  ]);
  for (const { name, curves: own } of [relative!, scratch!, random!]) {
    for (const { points } of own) {
      assert.equal(
        points.map(({ perClass, labels, accuracy }) => [perClass, labels, accuracy.draws, accuracy.images]),
        [
          [2, 12, 2, 24],
          [null, 60, 1, 24],
        ],
      );
      for (const { accuracy, difference } of points) {
        const [low, high] = accuracy.interval;
        assert.ok(low <= accuracy.mean && accuracy.mean <= high && low >= 0 && high <= 1, name);
        assert.ok(difference && difference.interval[0] <= difference.mean, name);
      }
    }
  }
  // The difference is that of the means, since both had the same draws.
  const [own, other] = [relative!, rotation!].map(({ curves: [probe] }) => probe!.points[0]!);
  assert.ok(Math.abs(own!.difference!.mean - (own!.accuracy.mean - other!.accuracy.mean)) < 1e-12);
  assert.ok(existsSync(join(folder, 'whole/rotation/encoder.safetensors')));
  const document = parseHTML(textOf('whole/compare.html')).document;
  assert.match(document.querySelector('.warnings')!.textContent!, 'SimCLR was given up');
});

test('a comparison that was stopped in a training and in its scores goes on to the same compare.json', async () => {
  const training = await run('pieces', {}, /^Rotation.*epoch 1\/2/);
  assert.is(training.ended.interrupted, true);
  assert.ok(!existsSync(join(folder, 'pieces/compare.json')));
  assert.ok(existsSync(join(folder, 'pieces/rotation/checkpoint.safetensors')));
  const scores = await run('pieces', { resume: true }, /^Relative.*probe, 2 labels a class: draw 2/);
  assert.is(scores.ended.interrupted, true);
  const before = linesOf('pieces/scores.jsonl');
  // As a crash leaves it.
  await platform.files.append(join(folder, 'pieces/scores.jsonl'), '{"event":"score","meth');
  const last = await run('pieces', { resume: true });
  assert.not(last.ended.interrupted);
  assert.equal(linesOf('pieces/scores.jsonl').slice(0, before.length), before);
  assert.is(textOf('pieces/compare.json'), textOf('whole/compare.json'));
  assert.is(textOf('pieces/compare.html'), textOf('whole/compare.html'));
});

test('what is done is not done again, and other settings or images are refused', async () => {
  const files = () => readdirSync(join(folder, 'whole'), { recursive: true }).sort();
  const before = files();
  const out = join(folder, 'whole');
  const context = { files: platform.files, reporter: silentReporter, command: [], versions: {} };
  const refused = (more: CompareSettings, ...says: (string | RegExp)[]) =>
    assertUserError(() => compareRun({ ...settings, out, resume: true, ...more }, context), ...says);
  await refused({ draws: 3 }, 'was started with draws 2, not with draws 3');
  await refused({ minutes: 1, budget: undefined }, 'was started without it, not with minutes 1');
  await refused({ resume: false }, /exists and is not empty: add resume to go on with it/);
  await refused({ out: folder }, 'holds no comparison to go on with');
  assert.equal(files(), before);
});

test('methods go on from given weights, which are scored as they were, and a resume needs them again', async () => {
  const from = {
    pretextFrom: join(folder, 'whole/rotation/encoder.safetensors'),
    ...{ width: undefined, methods: ['rotation'], downstream: ['probe'], perClass: 'all' },
  } satisfies CompareSettings;
  const { ended, told } = await run('onwards', from);
  assert.not(ended.interrupted);
  assert.ok(
    told.some((line) => /^Rotation from encoder\.safetensors: ResNet-18 with 16 features/.test(line)),
  );
  const { encoders }: EncoderComparison = JSON.parse(textOf('onwards/compare.json'));
  assert.equal(
    encoders.map(({ name, title }) => [name, title]),
    [
      ['rotation', 'Rotation'],
      ['start', 'encoder.safetensors, as it was'],
    ],
  );
  // Another comparison had the same weights' features, of the same draw of labels and the same images.
  const scoreOf = (name: string, method: string) => {
    const rows = linesOf(`${name}/scores.jsonl`).map((line) => JSON.parse(line));
    return rows.find((row) => row.method === method && row.how === 'probe' && row.perClass === null).right;
  };
  assert.equal(scoreOf('onwards', 'start'), scoreOf('whole', 'rotation'));
  assert.not.equal(scoreOf('onwards', 'rotation'), undefined);
  const config = JSON.parse(textOf('onwards/rotation/config.json'));
  assert.is(config.settings.startedFrom, 'encoder.safetensors');
  const context = { files: platform.files, reporter: silentReporter, command: [], versions: {} };
  await assertUserError(
    () => compareRun({ ...settings, ...from, width: 4, out: join(folder, 'none') }, context),
    'width 4 contradicts pretextFrom',
  );
});

test('of a budget in minutes each method has the epochs that its own pace gives, measured once', async () => {
  const within = {
    ...{ budget: undefined, minutes: 0.001, temperature: 0.2 },
    ...{ methods: ['rotation'], downstream: ['probe'], perClass: 'all' },
  } satisfies CompareSettings;
  const { ended } = await run('minutes', within, /^Rotation.*epoch 1\//);
  assert.is(ended.interrupted, true);
  const { epochs } = JSON.parse(textOf('minutes/plan.json'));
  assert.ok(epochs.rotation >= 1);
  const last = await run('minutes', { ...within, resume: true });
  assert.not(last.ended.interrupted);
  assert.not(last.told.some((line) => line.startsWith('Rotation: its pace')));
  const { budget, encoders }: EncoderComparison = JSON.parse(textOf('minutes/compare.json'));
  assert.equal(budget, { of: 'minutes', amount: 0.001 });
  assert.equal(encoders[0]!.budget, { epochs: epochs.rotation, images: 60 * epochs.rotation });
});

test('bad input is one sentence, before the device is opened and with nothing written', async () => {
  const context = { files: platform.files, reporter: silentReporter, command: [], versions: {} };
  const refused = (more: CompareSettings, ...says: (string | RegExp)[]) =>
    assertUserError(() => compareRun({ ...settings, out: join(folder, 'none'), ...more }, context), ...says);
  await refused({ perClass: '2,x' }, "'x' is no number of labels");
  await refused({ epochs: 2 }, 'budget 120 and epochs 2 are two budgets');
  await refused({ data: folder }, 'has no labels of its own');
  await refused({ data: join(folder, 'nowhere'), labels: 'folders' }, 'nowhere');
  await refused({ testLimit: 5 }, 'only 5 images');
  await refused(
    { perClass: '10' },
    /has 10 labels beside those that are held out, too few to draw 10 of each/,
  );
  assert.not(existsSync(join(folder, 'none')));
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
