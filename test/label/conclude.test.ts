import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { conclude, type Reading } from '../../src/label/conclude.ts';
import { findDuplicates } from '../../src/label/findings/duplicates.ts';
import type { LabellingInputs } from '../../src/label/labelling.ts';
import { Random } from '../../src/random.ts';

const columns = 8;

/**
 * Two classes, `originals` labelled images of each copied `copies` times, labelled too, all told right out of fold, and
 * 40 images without a label, a share of which the model takes for class 0.
 */
function concluded(originals: number, copies: number, share = 0.5) {
  const random = new Random(5);
  const open = 40;
  const count = 2 * originals * copies + open;
  const classOf = (image: number) =>
    image < count - open ? image % 2 : image - (count - open) < share * open ? 0 : 1;
  const original = (image: number) => (image < count - open ? image % (2 * originals) : image);
  const noise = Float32Array.from({ length: count * columns }, () => random.next() - 0.5);
  const features = Float32Array.from({ length: count * columns }, (_, at) => {
    const [image, k] = [Math.floor(at / columns), at % columns];
    return noise[original(image) * columns + k]! + (k === classOf(image) ? 3 : 0);
  });
  const thumbnail = Uint8Array.from({ length: count * 256 }, () => random.integer(256));
  const thumbnails = thumbnail.map((_, at) => thumbnail[original(Math.floor(at / 256)) * 256 + (at % 256)]!);
  const hashes = Array.from({ length: count }, (_, image) => `${original(image)}`);
  const given = Int32Array.from(hashes, (_, image) => (image < count - open ? classOf(image) : -1));
  const images = Int32Array.from(hashes.keys());
  const logits = Float32Array.from({ length: (count - open) * 2 }, (_, at) =>
    at % 2 === classOf(at >> 1) ? 4 : 0,
  );
  const weight = new Float64Array(2 * columns);
  weight[0] = weight[columns + 1] = 4;
  const scan = { features, columns, hashes, thumbnails, readable: images, unreadable: [], fingerprint: '' };
  const paths = Array.from(hashes, (_, image) => `${image}.png`);
  const inputs = {
    stream: { description: 'made', paths },
    task: {
      classes: ['cat', 'dog'],
      given,
      truth: given,
      heldOut: images,
      otherDraws: [],
      heldOutFrom: null,
    },
    starts: [{}],
    settings: { targetError: 0.05, budget: 5, seed: 0 },
    onStage: () => {},
    training: null,
    provenance: {},
  };
  const reading = {
    images,
    base: scan,
    own: scan,
    duplicates: findDuplicates({ features, columns, hashes, thumbnails, given, seed: 0 }),
    folds: [{ train: images, heldOut: images }],
    comparison: {
      rows: [],
      chosen: 'probe',
      logits,
      candidates: 1,
      model: { head: { weight, bias: new Float64Array(2) } },
    },
  };
  // What `conclude` does not read is left out.
  return conclude(inputs as unknown as LabellingInputs, reading as unknown as Reading);
}

test('labelled copies are no further evidence: ten images copied eight times promise what ten do', () => {
  const { report } = concluded(5, 8);
  assert.is(report.audit.exactDuplicates, 70);
  assert.is(report.riskCoverage!.chosen, null);
  const last = report.riskCoverage!.points.at(-1)!;
  assert.equal([last.accepted, last.errors], [10, 0]);
  // 1 − 0.05^(1/10)
  assert.ok(Math.abs(last.bound - 0.2589) < 1e-4, `${last.bound}`);
  assert.is(
    report.calibration!.after.bins.reduce((sum, bin) => sum + bin.count, 0),
    10,
  );
});

test('as many labels of images that are no copies keep their promise', () => {
  const { report, labels } = concluded(40, 1);
  assert.is(report.riskCoverage!.chosen!.accepted, 80);
  assert.ok(labels.some(({ status }) => status === 'auto'));
});

test('a class whose weight was limited is named in a warning', () => {
  const named = (share: number) =>
    concluded(40, 1, share).report.warnings.filter((warning) => warning.includes('four-fold'));
  assert.equal(named(0.5), []);
  // Half of the labels, a tenth of the images.
  assert.is(named(0.1).length, 1);
  assert.match(named(0.1)[0]!, /predictions: 'cat'\./);
});

test.run();
