import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageStream } from '../../src/data/sources/image_stream.ts';
import type { LabellingInputs } from '../../src/label/inputs.ts';
import { labellingMethods, type MethodName } from '../../src/label/methods/method_registry.ts';
import { labelImages } from '../../src/label/pipeline.ts';
import type { ImageCensus } from '../../src/label/scan/census.ts';
import { takeCensus } from '../../src/label/scan/census.ts';
import type { Features } from '../../src/label/scan/features.ts';
import { knownStart } from '../../src/label/scan/start.ts';
import { chooseTask } from '../../src/label/task.ts';
import { Random } from '../../src/random.ts';
import { assertUserError } from '../data/temporary.ts';

const columns = 8;
const side = 16;
const classes = ['cat', 'dog'];

interface Made {
  readonly stream: ImageStream;
  readonly features: Features;
  readonly truth: Int32Array;
  readonly given: Int32Array;
}

/**
 * Two classes, `originals` labelled images of each copied `copies` times, labelled too, and 40 images without a label, a
 * share of which is of class 0. Features tell the classes apart without an error; no encoder has made them.
 */
function make(originals: number, copies: number, share = 0.5): Made {
  const random = new Random(5);
  const open = 40;
  const count = 2 * originals * copies + open;
  const truth = Int32Array.from({ length: count }, (_, image) =>
    image < count - open ? image % 2 : image - (count - open) < share * open ? 0 : 1,
  );
  const original = (image: number) => (image < count - open ? image % (2 * originals) : image);
  const noise = Float32Array.from({ length: count * columns }, () => random.next() - 0.5);
  const values = Float32Array.from({ length: count * columns }, (_, at) => {
    const [image, k] = [Math.floor(at / columns), at % columns];
    return noise[original(image) * columns + k]! + (k === truth[image] ? 3 : 0);
  });
  const imageBytes = 3 * side * side;
  const pixels = Uint8Array.from({ length: count * imageBytes }, () => random.integer(256));
  const stream: ImageStream = {
    name: 'made',
    description: 'made',
    size: side,
    paths: Array.from(truth, (_, image) => `${image}.png`),
    partition: Array.from(truth, () => 'train'),
    labels: truth,
    classes,
    unreadable: [],
    omitted: [],
    async read(images, target) {
      images.forEach((image, at) => {
        const start = original(image) * imageBytes;
        target.set(pixels.subarray(start, start + imageBytes), at * imageBytes);
      });
      return [];
    },
  };
  const features = { values, columns, origin: { name: 'features.npy' } };
  return { stream, features, truth, given: truth.map((label, image) => (image < count - open ? label : -1)) };
}

/** Labels made images from their features alone: with no engine, no pixels in memory and no encoder. */
function label(
  { stream, features, truth, given }: Made,
  methods: readonly MethodName[] = ['probe'],
  census?: ImageCensus,
) {
  const stages: string[] = [];
  const inputs: LabellingInputs = {
    stream,
    task: chooseTask({ classes, labels: truth }, { given, seed: 0 }),
    starts: [knownStart(features, census)],
    settings: { methods, folds: 5, targetError: 0.05, budget: 5, seed: 0 },
    onStage: (stage) => stages.push(stage),
    training: [],
    provenance: { command: [], seed: 0, versions: {}, adapter: 'none' },
  };
  return labelImages(inputs).then((result) => ({ ...result, stages: new Set(stages) }));
}

test('features alone are enough: every method that needs no encoder is compared, and the best of them labels', async () => {
  const made = make(30, 1);
  const { labels, model, method, report, stages } = await label(made, labellingMethods);
  assert.equal(
    report.comparison.rows.map((row) => row.method),
    ['features.npy + probe', 'kNN on features.npy features', 'majority class'],
  );
  assert.is(method, 'features.npy + probe');
  assert.is(model.origin, made.features.origin);
  assert.equal(
    labels.map((row) => row.label),
    Array.from(made.truth, (number) => classes[number]),
  );
  assert.is(report.provenance.fingerprint.length, 64);
  assert.ok(stages.has('looking at the images'), 'copies are found by the images themselves');
});

test('a census that comes with the features is taken for what it is: the images are not looked at again', async () => {
  const made = make(30, 1);
  const census = await takeCensus(made.stream);
  const read = () => Promise.reject(new Error('was read'));
  const before = await label(made, ['probe']);
  const after = await label({ ...made, stream: { ...made.stream, read } }, ['probe'], census);
  assert.equal(after.labels, before.labels);
  assert.equal(after.report, before.report);
});

test('where no method that can be compared labels, it says which does', async () => {
  await assertUserError(() => label(make(30, 1), ['finetune', 'majority']), 'let methods name probe');
});

test('labelled copies are no further evidence: ten images copied eight times promise what ten do', async () => {
  const { report } = await label(make(5, 8));
  assert.is(report.audit.exactDuplicates, 70);
  assert.is(report.riskCoverage!.chosen, null);
  const last = report.riskCoverage!.points.at(-1)!;
  assert.equal([last.accepted, last.errors], [10, 0]);
  // Ten of equal weight bound the error by 1 − 0.05^(1/10) = 0.2589, of weights that differ as a few outliers make the
  // classes differ by a little more; eighty would by 0.0368.
  assert.ok(last.bound > 0.2588 && last.bound < 0.28, `${last.bound}`);
  assert.is(
    report.calibration!.after.bins.reduce((sum, bin) => sum + bin.count, 0),
    10,
  );
});

test('as many labels of images that are no copies keep their promise', async () => {
  const { report, labels } = await label(make(40, 1));
  assert.is(report.riskCoverage!.chosen!.accepted, 80);
  assert.ok(labels.some(({ status }) => status === 'auto'));
});

test('a class whose weight was limited is named in a warning', async () => {
  const warnings = async (share: number) =>
    (await label(make(40, 1, share))).report.warnings.filter((warning) => warning.includes('four-fold'));
  assert.equal(await warnings(0.5), []);
  // Half of the labels, a tenth of the images.
  const [warning, ...others] = await warnings(0.1);
  assert.is(others.length, 0);
  assert.match(warning!, /predictions: 'cat'\./);
});

test.run();
