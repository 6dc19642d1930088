import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { platform } from '#platform';
import { Answers } from '../../../src/app/desk/answers.ts';
import { type DeskScan, Judge, judgedImages } from '../../../src/app/desk/judge.ts';
import { type QuickInputs, quickJudgement } from '../../../src/app/desk/quick.ts';
import { QuickProbe } from '../../../src/app/desk/quick_probe.ts';
import { deskImages } from '../../../src/app/desk/take_scan.ts';
import { noneOfThese } from '../../../src/data/labels/none_of_these.ts';
import type { OriginName } from '../../../src/data/labels/origin.ts';
import { statuses } from '../../../src/data/labels/status.ts';
import { labelImages } from '../../../src/label/pipeline.ts';
import { promiseText } from '../../../src/label/report/promise.ts';
import { takeCensus } from '../../../src/label/scan/census.ts';
import { knownStart } from '../../../src/label/scan/start.ts';
import { chooseTask } from '../../../src/label/task.ts';
import { make } from '../../label/made_labelling.ts';

const made = make(20, 1);
// Where images come from, nobody knows their classes.
const stream = { ...made.stream, classes: [], labels: made.truth.map(() => -1) };
const { paths } = stream;
const census = await takeCensus(stream);
const { values, columns } = made.features;
const name = 'features.npy';
const scan: DeskScan = { values, columns, name, recipe: undefined, learnedFromLabels: false, census };
const judge = new Judge(deskImages(stream, 'demo'), scan, platform.files);
// In another order than labels files have them.
const classes = ['dog', 'cat'];
const classOf = (image: number) => 1 - made.truth[image]!;

/** Answers about the first images, all by one way. */
function answersOf(count: number, origin: OriginName): Answers {
  const answers = new Answers();
  for (let image = 0; image < count; image++) answers.give([image], classOf(image), { origin });
  return answers;
}

const request = (answers: Answers, target = 0.05) => ({
  file: answers.csv(paths, classes),
  answers: answers.count,
  classes,
  settled: [...answers.settled()],
  target,
});

test('a full judgement says of every image what labelling says', async () => {
  const answers = answersOf(30, 'random');
  answers.give([30], 'none', { origin: 'own' });
  const judgement = await judge.judge(request(answers, 0.2));
  const given = answers.given(paths.length).map((label) => (label >= 0 ? 1 - label : label));
  const { labels, report } = await labelImages({
    stream,
    task: chooseTask(
      { classes: ['cat', 'dog'], labels: given },
      {
        given,
        seed: 0,
        origins: new Map([...answers.settled()].map((image) => [image, answers.of(image)!.origin])),
      },
    ),
    starts: [knownStart({ values, columns, origin: { name } }, census)],
    settings: { methods: ['probe'], folds: 5, targetError: 0.2, budget: 40, seed: 0, map: false },
    training: null,
    provenance: { command: [], seed: 0, versions: {}, adapter: '' },
    onStage: () => {},
  });
  assert.is(labels.length, paths.length);
  labels.forEach(({ label, confidence, status }, image) => {
    assert.is(classes[judgement.predicted[image]!] ?? 'none of these', label);
    assert.is(judgement.confidence[image], Math.fround(confidence));
    assert.is(statuses[judgement.status[image]!], status);
  });
  assert.equal(judgement.counts, report.counts);
  assert.is(judgement.promise, promiseText(report));
  assert.is(judgement.kept, report.promise.kept);
  assert.equal(judgement.accuracy?.interval, report.folderAccuracy?.interval);
  assert.equal(
    judgement.next.map(({ image, origin }) => [image, origin]),
    report.next.map(({ image, origin }) => [image, origin]),
  );
  assert.equal(judgement.warnings, report.warnings);
});

test('before two classes have a label there are proposals, by chance and by what is typical, and nothing else', async () => {
  for (const answers of [new Answers(), answersOf(1, 'random')]) {
    const judgement = await judge.judge(request(answers));
    assert.ok(judgement.predicted.every((label, image) => label === (answers.of(image)?.answer ?? -1)));
    assert.is(judgement.counts.given, answers.count);
    assert.is(judgement.counts.review, paths.length - answers.count);
    const origins = judgement.next.map(({ origin }) => origin);
    assert.is(origins.filter((origin) => origin === 'random').length, 20);
    assert.is(origins.filter((origin) => origin === 'proposed').length, 20);
    assert.not(judgement.next.some(({ image }) => answers.of(image)));
    assert.not(judgement.kept);
  }
});

test('an image that was skipped is proposed no more, and others come in its place', async () => {
  const answers = answersOf(8, 'random');
  const before = await judge.judge(request(answers));
  const skipped = before.next.slice(0, 5).map(({ image }) => image);
  answers.give(skipped, 'skip', { origin: 'random' });
  const { next } = await judge.judge(request(answers));
  assert.is(next.length, 40);
  assert.not(next.some(({ image }) => skipped.includes(image)));
});

test('proposals and bulks teach, but check nothing: as many of them promise nothing', async () => {
  const drawn = await judge.judge(request(answersOf(40, 'random'), 0.2));
  assert.ok(drawn.kept, drawn.promise);
  const proposed = await judge.judge(request(answersOf(40, 'proposed'), 0.2));
  assert.not(proposed.kept);
  assert.equal([...proposed.predicted], [...drawn.predicted]);
});

const quick = (answers: Answers): QuickInputs => ({
  probe: new QuickProbe(values, columns),
  given: answers.given(paths.length),
  classes: classes.length,
  judged: judgedImages(stream, census),
  settled: answers.settled(),
  answers: answers.count,
  target: 0.05,
});

test('a quick judgement predicts by the answers, and keeps of the last full one what still holds', async () => {
  const answers = answersOf(20, 'random');
  const full = await judge.judge(request(answers, 0.2));
  const [first, second] = full.next;
  answers.give([first!.image], 1 - classOf(first!.image), { origin: 'random' });
  answers.give([second!.image], 'none', { origin: 'random' });
  const judgement = quickJudgement(quick(answers), full);
  assert.is(judgement.answers, 22);
  assert.is(judgement.counts.given, 22);
  assert.is(judgement.predicted[first!.image], 1 - classOf(first!.image));
  assert.is(judgement.predicted[second!.image], -1);
  assert.is(quick(answers).given[second!.image], noneOfThese);
  assert.equal(judgement.next, full.next.slice(2));
  assert.is(judgement.promise, full.promise);
  // Features tell the classes apart.
  const right = paths.filter((_, image) => judgement.predicted[image] === classOf(image)).length;
  assert.ok(right >= paths.length - 4, `${right} of ${paths.length}`);
  assert.ok(judgement.confidence.every((confidence) => confidence > 0 && confidence <= 1));
});

test('what is predicted otherwise than before is automatic no more', async () => {
  const full = await judge.judge(request(answersOf(40, 'random'), 0.2));
  const automatic = full.status.findIndex((status) => statuses[status] === 'auto');
  assert.ok(automatic >= 0);
  const flipped = { ...full, predicted: full.predicted.map((label) => 1 - label) };
  const judgement = quickJudgement(quick(answersOf(40, 'random')), flipped);
  assert.is(statuses[judgement.status[automatic]!], 'review');
  assert.is(statuses[quickJudgement(quick(answersOf(40, 'random')), full).status[automatic]!], 'auto');
});

test('one class alone predicts nothing', () => {
  const judgement = quickJudgement(quick(answersOf(1, 'random')), undefined);
  assert.equal(
    [...judgement.predicted].filter((label) => label >= 0),
    [classOf(0)],
  );
});

test.run();
