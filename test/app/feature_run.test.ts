import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exportRun } from '../../src/app/jobs/export_run.ts';
import { nextRun } from '../../src/app/jobs/next_run.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { folderLabels } from '../../src/data/labels/class_numbers.ts';
import { hideLabels } from '../../src/data/labels/hidden_labels.ts';
import { streamFolder } from '../../src/data/sources/folder.ts';
import { encodeFeatures } from '../../src/encoder/feature_matrix.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { writeRunFiles } from '../../src/label/files/run_files.ts';
import { labelImages } from '../../src/label/pipeline.ts';
import { readFeatureFile } from '../../src/label/scan/feature_file.ts';
import { knownStart } from '../../src/label/scan/start.ts';
import { chooseTask } from '../../src/label/task.ts';
import { platform } from '../../src/platform/node.ts';
import { stripedImages } from '../cli/support.ts';
import { assertUserError, withFiles } from '../data/temporary.ts';
import { fill } from '../oracle.ts';
import { runConfigText } from './run_config.ts';

const { files } = platform;
const context = { files, reporter: silentReporter, command: [], versions: { kindred: '1.2.3' } };
const columns = 5;

/** A run whose labels rest on a file of features alone; what `body` does with it. */
async function withRun(
  body: (run: string, features: string, folder: string) => Promise<void>,
): Promise<void> {
  await withFiles(stripedImages('images', 12), async (folder) => {
    const [images, run, path] = ['images', 'run', 'f.safetensors'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const stream = await streamFolder(images, { files, imageSize: 8 });
    const truth = folderLabels(stream);
    const values = fill('features', stream.paths.length * columns, 0.3);
    stream.paths.forEach((_, image) => {
      values[image * columns + truth.labels[image]!]! += 1;
    });
    writeFileSync(path, encodeFeatures(values, stream.paths, {}));
    const { features } = await readFeatureFile(files, path, undefined, stream);
    const result = await labelImages({
      stream,
      task: chooseTask(truth, { given: hideLabels(truth, 5, 1).labels, seed: 1 }),
      starts: [knownStart(features)],
      settings: { methods: ['probe'], folds: 5, targetError: 0.2, budget: 4, seed: 1 },
      onStage: () => {},
      training: null,
      provenance: { command: [], seed: 1, versions: {}, adapter: 'none' },
    });
    await files.makeFolder(run);
    const options = { classes: truth.classes, auditSize: 4 };
    await writeRunFiles({ files, folder: run }, stream, result, options);
    writeFileSync(join(run, 'config.json'), runConfigText(images));
    await body(run, path, folder);
  });
}

test('a run of features alone proposes what to label next, and exports labels, head and features', async () => {
  await withRun(async (run, path, folder) => {
    const { images } = await nextRun({ run, budget: 3 }, context);
    assert.is(images.length, 3);
    const given = readFileSync(join(run, 'given.csv'), 'utf8');
    for (const { path: proposed } of images) assert.not.match(given, proposed);
    const out = join(folder, 'out');
    const formats = ['csv', 'jsonl', 'coco', 'labelstudio', 'head', 'features'] as const;
    await exportRun({ run, out, format: [...formats] }, context);
    const { tensors } = decodeSafetensors(
      new Uint8Array(readFileSync(join(out, 'features.safetensors'))),
      'x',
    );
    const source = decodeSafetensors(new Uint8Array(readFileSync(path)), 'x').tensors;
    assert.equal(tensors, source);
  });
});

test('what needs an encoder says that there is none, and nothing is left of it', async () => {
  await withRun(async (run, path, folder) => {
    for (const format of ['onnx', 'encoder'] as const) {
      const out = join(folder, format);
      await assertUserError(
        () => exportRun({ run, out, format: [format] }, context),
        'rest on the features of',
        path,
        'no encoder to export',
      );
      assert.not.ok(existsSync(out));
    }
  });
});

test('features that have changed since are not taken for those that the labels rest on', async () => {
  await withRun(async (run, path, folder) => {
    const bytes = readFileSync(path);
    bytes[bytes.length - 100]! ^= 1;
    const out = join(folder, 'out');
    for (const [change, part] of [
      [() => writeFileSync(path, bytes), 'holds something else than it did then'],
      [() => files.writeAtomic(join(folder, 'gone'), ''), 'holds something else'],
    ] as const) {
      await change();
      await assertUserError(() => nextRun({ run }, context), path, part);
      await assertUserError(() => exportRun({ run, out, format: ['features'] }, context), path, part);
    }
    assert.not.ok(existsSync(out));
  });
});

test.run();
