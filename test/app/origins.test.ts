import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findLabels } from '../../src/app/inputs/known_labels.ts';
import { nextRun } from '../../src/app/jobs/next_run.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { readGiven } from '../../src/app/run/read_run.ts';
import { folderLabels } from '../../src/data/labels/class_numbers.ts';
import { streamFolder } from '../../src/data/sources/folder.ts';
import type { ImageStream } from '../../src/data/sources/image_stream.ts';
import { encodeFeatures } from '../../src/encoder/feature_matrix.ts';
import { writeRunFiles } from '../../src/label/files/run_files.ts';
import { labelImages } from '../../src/label/pipeline.ts';
import { readFeatureFile } from '../../src/label/scan/feature_file.ts';
import { knownStart } from '../../src/label/scan/start.ts';
import { chooseTask, type LabelTask } from '../../src/label/task.ts';
import { platform } from '../../src/platform/node.ts';
import { stripedImages } from '../cli/support.ts';
import { assertUserError, withFiles } from '../data/temporary.ts';
import { fill } from '../oracle.ts';
import { runConfigText } from './run_config.ts';

const { files } = platform;
const context = { files, reporter: silentReporter, command: [], versions: {} };
const columns = 24;

/** A folder of 80 images whose features tell the classes apart; labelled anew with each task. */
interface Place {
  readonly run: string;
  readonly folder: string;
  readonly stream: ImageStream;
  readonly label: (task: LabelTask) => Promise<void>;
}

async function withPlace(body: (place: Place) => Promise<void>): Promise<void> {
  await withFiles(stripedImages('images', 40), async (folder) => {
    const [images, run, path] = [join(folder, 'images'), join(folder, 'run'), join(folder, 'f.safetensors')];
    const stream = await streamFolder(images, { files, imageSize: 8 });
    const truth = folderLabels(stream);
    const values = fill('origins', stream.paths.length * columns, 1);
    stream.paths.forEach((_, image) => {
      values[image * columns + truth.labels[image]!]! += 2;
    });
    writeFileSync(path, encodeFeatures(values, stream.paths, {}));
    const { features } = await readFeatureFile(files, path, undefined, stream);
    await files.makeFolder(run);
    writeFileSync(join(run, 'config.json'), runConfigText(images));
    const label = async (task: LabelTask) => {
      const result = await labelImages({
        stream,
        task,
        starts: [knownStart(features)],
        settings: { methods: ['probe'], folds: 5, targetError: 0.2, budget: 8, map: false, seed: 1 },
        onStage: () => {},
        training: null,
        provenance: { command: [], seed: 1, versions: {}, adapter: 'none' },
      });
      await writeRunFiles({ files, folder: run }, stream, result, { classes: task.classes, auditSize: 30 });
    };
    await body({ run, folder, stream, label });
  });
}

const rowsIn = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(','));

/** given.csv: origin and probability by path. */
const givenIn = (run: string) =>
  new Map(rowsIn(join(run, 'given.csv')).map(([path, , ...origin]) => [path!, origin.join(' ').trim()]));

/** Fills in next.csv by the folders' names, but for some rows, and labels with it. */
async function labelNext(
  { run, folder, stream, label }: Place,
  passedOver: readonly number[] = [],
): Promise<void> {
  const header = 'path,label,reason,origin,probability';
  const filled = rowsIn(join(run, 'next.csv')).map(([path, , ...rest], at) =>
    [path, passedOver.includes(at) ? '' : path!.split('/')[0], ...rest].join(','),
  );
  const file = join(folder, 'filled.csv');
  writeFileSync(file, [header, ...filled].join('\n'));
  const found = await findLabels(
    context,
    stream,
    { data: 'images' },
    { labelsRequired: true, earlier: (images) => readGiven(files, run, images), added: file },
  );
  await label(chooseTask(found.known, { ...found, seed: 1 }));
}

test('labels keep where they came from through next.csv, the person’s file and given.csv, twice in a row', async () => {
  await withPlace(async (place) => {
    const { run, stream, label } = place;
    const truth = folderLabels(stream);
    await label(chooseTask(truth, { perClass: 8, seed: 1 }));
    const first = givenIn(run);
    assert.is(first.size, 16);
    assert.ok([...first.values()].every((origin) => origin === 'stratified'));

    const seen = new Set(first.keys());
    let expected = new Map(first);
    for (const round of [1, 2]) {
      const { images } = await nextRun({ run, budget: 10, randomShare: 0.3 }, context);
      assert.is(images.length, 10);
      assert.is(images.filter(({ origin }) => origin === 'random').length, 3);
      for (const { path } of images) assert.not.ok(seen.has(path), `${path} in round ${round}`);
      for (const { path } of images) seen.add(path);
      const record = JSON.parse(readFileSync(join(run, 'next.json'), 'utf8'));
      assert.is(record.randomShare, 0.3);
      assert.equal(
        record.images.map((image: { path: string }) => image.path),
        images.map(({ path }) => path),
      );
      const proposed = rowsIn(join(run, 'next.csv')).map(([path, , , ...origin]) => [
        path!,
        origin.join(' ').trim(),
      ]);
      await labelNext(place);
      expected = new Map([...expected, ...(proposed as [string, string][])]);
      assert.equal(new Map([...givenIn(run)].sort()), new Map([...expected].sort()), `round ${round}`);
    }
    const report = JSON.parse(readFileSync(join(run, 'report.json'), 'utf8'));
    assert.equal(report.origins, { random: 6, stratified: 16, proposed: 14, audit: 0, own: 0 });
    // What was proposed taught, but only what chance chose was asked.
    assert.is(report.outOfFold.count, 22);
    assert.match(
      readFileSync(join(run, 'report.html'), 'utf8'),
      '6 drawn at random, 16 drawn at random from a class, 14 proposed',
    );
  });
});

test('where a row drawn at random was passed over, the others of its file are no sample that is known to be random', async () => {
  await withPlace(async (place) => {
    const { run, stream, label } = place;
    const truth = folderLabels(stream);
    await label(chooseTask(truth, { perClass: 8, seed: 1 }));
    await nextRun({ run, budget: 6, randomShare: 1 }, context);
    await labelNext(place, [2]);
    const origins = [...givenIn(run).values()];
    assert.equal([origins.filter((name) => name === 'own').length, origins.includes('random')], [5, false]);
  });
});

test('labels of which all were proposed or audited check nothing: nothing is promised, and the report says why', async () => {
  await withPlace(async ({ run, stream, label }) => {
    const truth = folderLabels(stream);
    const given = truth.labels.map((own, image) => (image % 2 === 0 ? own : -1));
    const origins = new Map(
      [...given.keys()].map((image) => [image, { origin: image % 4 === 0 ? 'audit' : 'proposed' } as const]),
    );
    await label(chooseTask(truth, { given, origins, seed: 1 }));
    const report = JSON.parse(readFileSync(join(run, 'report.json'), 'utf8'));
    assert.equal([report.counts.auto, report.outOfFold, report.promise.state], [0, null, 'none']);
    assert.match(report.warnings[0], 'No label can check predictions');
    // Enough labels of chance, and it promises again.
    const some = new Map([...origins].filter(([image]) => image >= 40 || image % 4 === 0));
    await label(
      chooseTask(truth, {
        given: truth.labels.map((own, image) => (image % 8 ? own : -1)),
        origins: some,
        seed: 1,
      }),
    );
    const again = JSON.parse(readFileSync(join(run, 'report.json'), 'utf8'));
    assert.ok(again.origins.own > 20 && again.outOfFold.count === again.origins.own);
  });
});

test('labels drawn per class are so only where the class of every image is known', () => {
  const labels = Int32Array.from({ length: 40 }, (_, image) => image % 2);
  const paths = Array.from(labels, (_, image) => `${image}.png`);
  const partition = paths.map(() => 'train' as const);
  const known = { classes: ['a', 'b'], labels, partition, paths };
  const origins = new Map([[3, { origin: 'proposed' } as const]]);
  const originOf = (task: LabelTask) =>
    [...task.given.keys()]
      .filter((image) => task.given[image]! >= 0)
      .map((image) => task.origins?.get(image)?.origin);
  assert.equal(
    originOf(chooseTask(known, { perClass: 2, origins, seed: 1 })),
    new Array(4).fill('stratified'),
  );
  // Somebody chose which half to label: a draw from it is no draw from all.
  const half = { ...known, labels: labels.map((label, image) => (image < 20 ? label : -1)) };
  assert.equal(
    new Set(originOf(chooseTask(half, { perClass: 10, origins, seed: 1 }))),
    new Set([undefined, 'proposed']),
  );
});

test('a labels file with an origin that there is not is refused, and the run stays as it was', async () => {
  await withPlace(async (place) => {
    const { run, folder, stream, label } = place;
    await label(chooseTask(folderLabels(stream), { perClass: 8, seed: 1 }));
    const before = readFileSync(join(run, 'given.csv'), 'utf8');
    const file = join(folder, 'wrong.csv');
    writeFileSync(file, 'path,label,origin,probability\nlying/0.png,lying,drawn,\n');
    await assertUserError(
      () =>
        findLabels(
          context,
          stream,
          { data: 'images' },
          { labelsRequired: true, earlier: (images) => readGiven(files, run, images), added: file },
        ),
      'wrong.csv, row 2',
      "the origin is 'drawn'",
    );
    assert.is(readFileSync(join(run, 'given.csv'), 'utf8'), before);
  });
});

test.run();
