import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folderLabels } from '../../src/data/labels/class_numbers.ts';
import { hideLabels } from '../../src/data/labels/hidden_labels.ts';
import { streamFolder } from '../../src/data/sources/folder.ts';
import type { ImageStream } from '../../src/data/sources/image_stream.ts';
import { encodeFeatures } from '../../src/encoder/feature_matrix.ts';
import { labellingMethods } from '../../src/label/methods/method_registry.ts';
import { labelImages } from '../../src/label/pipeline.ts';
import { readFeatureFile } from '../../src/label/scan/feature_file.ts';
import type { Features } from '../../src/label/scan/features.ts';
import { knownStart } from '../../src/label/scan/start.ts';
import { chooseTask } from '../../src/label/task.ts';
import { nodeFiles } from '../../src/platform/node_files.ts';
import { MemoryFiles } from '../memory_files.ts';
import { sharedData, testIf } from '../support.ts';
import { label, type Made, make } from './made_labelling.ts';

/** The same images, of which every seventh of those without a label cannot be read. */
function withBroken(made: Made): Made & { readonly broken: ReadonlySet<number> } {
  const { stream, given } = made;
  const broken = new Set([...given.keys()].filter((image) => given[image]! < 0 && image % 7 === 0));
  const damaged: ImageStream = {
    ...stream,
    async read(images, target) {
      await stream.read(images, target);
      return Array.from(images, (image) => ({
        image,
        path: stream.paths[image]!,
        reason: 'truncated',
      })).filter(({ image }) => broken.has(image));
    },
  };
  // As jobs do, which leave unreadable images out of what scores.
  const truth = made.truth.map((own, image) => (broken.has(image) ? -1 : own));
  return { ...made, stream: damaged, truth, broken };
}

/** The made features as another program would leave them: no rows of images that it could not read, in an order of its own. */
function tableOf({ features, stream }: Made, broken: ReadonlySet<number>): Uint8Array {
  const { values, columns } = features;
  const rows = [...stream.paths.keys()].filter((image) => !broken.has(image)).reverse();
  const matrix = new Float32Array(rows.length * columns);
  rows.forEach((image, row) => {
    matrix.set(values.subarray(image * columns, (image + 1) * columns), row * columns);
  });
  const paths = rows.map((image) => `/old/machine/${stream.paths[image]}`);
  return encodeFeatures(matrix, paths, {});
}

test('features out of a file label as the same numbers at hand do, whatever its order, without unreadable images', async () => {
  const made = withBroken(make(40, 2));
  const files = new MemoryFiles();
  await files.writeAtomic('f.safetensors', tableOf(made, made.broken));
  const { features, without } = await readFeatureFile(files, 'f.safetensors', undefined, made.stream);
  assert.equal(new Set(without), made.broken);
  assert.ok(made.broken.size > 3);
  const fromFile = await label({ ...made, features }, labellingMethods);
  const atHand = await label(
    { ...made, features: { ...made.features, origin: features.origin } },
    labellingMethods,
  );
  assert.equal(fromFile.labels, atHand.labels);
  assert.equal(fromFile.report, atHand.report);
  assert.is(fromFile.labels.length, made.truth.length - made.broken.size);
  const { comparison, audit, next, map, riskCoverage, provenance } = fromFile.report;
  assert.equal(
    comparison.rows.map(({ method }) => method),
    ['f.safetensors + probe', 'kNN on f.safetensors features', 'majority class'],
  );
  assert.is(audit.unreadable.length, made.broken.size);
  assert.ok(audit.exactDuplicates > 0 && next.length > 0 && map.length > 0);
  assert.ok(riskCoverage?.chosen, 'an error is promised');
  assert.equal(provenance.featureFiles, [features.origin.file]);
});

test('a matrix in another order, with a table of rows in which unreadable images have none, does the same', async () => {
  const made = withBroken(make(30, 1));
  const { values, columns, origin } = made.features;
  const readable = [...made.truth.keys()].filter((image) => !made.broken.has(image)).reverse();
  const packed = new Float32Array(readable.length * columns);
  const rows = new Int32Array(made.truth.length).fill(-1);
  readable.forEach((image, row) => {
    rows[image] = row;
    packed.set(values.subarray(image * columns, (image + 1) * columns), row * columns);
  });
  const features: Features = { values: packed, columns, rows, origin };
  const byRows = await label({ ...made, features }, labellingMethods);
  const plain = await label(made, labellingMethods);
  assert.equal(byRows.labels, plain.labels);
  assert.equal(byRows.report, plain.report);
});

const photosFile = sharedData && join(sharedData, 'photos-features.npy');
testIf(
  photosFile && existsSync(photosFile),
  'photos and their features are not beside the project',
  'features of real photos by another program label most of the rest rightly, and keep what they promise',
  async () => {
    const stream = await streamFolder(join(sharedData!, 'photos'), { files: nodeFiles, imageSize: 32 });
    const { features } = await readFeatureFile(nodeFiles, photosFile!, undefined, stream);
    const truth = folderLabels(stream);
    const given = hideLabels(truth, 50, 1).labels;
    const { labels, report } = await labelImages({
      stream,
      task: chooseTask(truth, { given, seed: 1 }),
      starts: [knownStart(features)],
      settings: { methods: ['probe', 'knn', 'majority'], folds: 5, targetError: 0.2, budget: 5, seed: 1 },
      onStage: () => {},
      training: null,
      provenance: { command: [], seed: 1, versions: {}, adapter: 'none' },
    });
    const right = labels.filter(({ path, label: own }) => path.startsWith(own)).length;
    // scikit-learn's logistic regression reaches 84% here at its best; half would be chance.
    const predicted = labels.filter(({ status }) => status !== 'given').length;
    const share = (right - 100) / predicted;
    console.log(`photos at 50 labels a class: ${(100 * share).toFixed(1)}% of ${predicted} right`);
    assert.ok(share > 0.74, `${share}`);
    assert.is(report.provenance.featureFiles?.length, 1);
  },
);

test.run();
