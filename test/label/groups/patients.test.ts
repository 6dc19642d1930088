import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageStream } from '../../../src/data/sources/image_stream.ts';
import { groupsByName } from '../../../src/label/groups/observation_groups.ts';
import { Random } from '../../../src/random.ts';
import { label, type Made } from '../made_labelling.ts';

const frames = 12;
const columns = 24;
/** Features that are a patient's own. */
const own = 16;

/**
 * Frames of patients that are alike within a patient and otherwise say nothing of the class, which is each patient's own:
 * the labels of `labelled` patients are given, those of as many again are not.
 * @param nameOf what the images are called, by patient and frame
 */
function patients(labelled: number, nameOf: (patient: number, frame: number) => string, seed = 3): Made {
  const random = new Random(seed);
  const count = 2 * labelled * frames;
  const patient = (image: number) => Math.floor(image / frames);
  const centres = Float32Array.from({ length: 2 * labelled * own }, () => random.next());
  const classOf = Array.from({ length: 2 * labelled }, (_, at) =>
    at < labelled ? at % 2 : random.integer(2),
  );
  const truth = Int32Array.from({ length: count }, (_, image) => classOf[patient(image)]!);
  const values = Float32Array.from({ length: count * columns }, (_, at) => {
    const [image, k] = [Math.floor(at / columns), at % columns];
    // Most of what differs between two images is no patient's, so that no patient is unlike all others.
    return k < own ? centres[patient(image) * own + k]! + 0.05 * random.next() : 1.5 * random.next();
  });
  const side = 16;
  const pixels = Uint8Array.from({ length: count * 3 * side * side }, () => random.integer(256));
  const stream: ImageStream = {
    name: 'made',
    description: 'made',
    size: side,
    paths: Array.from(truth, (_, image) => nameOf(patient(image), image % frames)),
    partition: Array.from(truth, () => 'train'),
    labels: truth,
    classes: ['healthy', 'sick'],
    unreadable: [],
    omitted: [],
    async read(images, target) {
      const bytes = 3 * side * side;
      images.forEach((image, at) => {
        target.set(pixels.subarray(image * bytes, (image + 1) * bytes), at * bytes);
      });
      return [];
    },
    resized: () => stream,
  };
  const features = { values, columns, origin: { name: 'features.npy' } };
  const given = truth.map((label, image) => (patient(image) < labelled ? label : -1));
  return { stream, features, truth, given };
}

const inOrder = (patient: number, frame: number) =>
  `${String(patient * frames + frame).padStart(5, '0')}.png`;
/** Names that are as good as drawn at random. */
const scattered = (patient: number, frame: number) =>
  `${String(((patient * frames + frame) * 7919) % 99991).padStart(5, '0')}.png`;

/** Automatic labels, and how many of them are wrong. */
function automatic({ labels }: Awaited<ReturnType<typeof label>>, { stream, truth }: Made) {
  const classOf = new Map(stream.paths.map((path, image) => [path, stream.classes[truth[image]!]]));
  const auto = labels.filter(({ status }) => status === 'auto');
  return {
    auto: auto.length,
    wrong: auto.filter(({ path, label: found }) => classOf.get(path) !== found).length,
  };
}

test('patients whose frames lie side by side by name: nothing is promised, and it says why', async () => {
  const made = patients(10, inOrder);
  const result = await label(made);
  const { order, warnings, riskCoverage } = result.report;
  assert.ok(order!.random > 0.95, `${order!.random}: frames of a patient tell each other`);
  assert.ok(order!.neighbours < 0.9, `${order!.neighbours}: and tell nothing of other patients`);
  assert.is(riskCoverage!.chosen, null);
  assert.is(automatic(result, made).auto, 0);
  assert.match(warnings[0]!, 'not independent');
  assert.match(warnings[0]!, 'groups');
});

test('of four patients only, whose frames are cut into five folds, halves tell', async () => {
  let told = 0;
  for (let seed = 0; seed < 8; seed++) {
    const { order, riskCoverage } = (await label(patients(4, inOrder, seed))).report;
    if (!order!.dependent) continue;
    told++;
    assert.is(riskCoverage!.chosen, null);
  }
  // A patient is like another of the class by chance in half of all cases, and all four are in one of sixteen.
  assert.ok(told >= 5, `${told} of 8`);
});

test('where neither names nor groups tell of the patients, labelled images are unlike the others: nothing is promised', async () => {
  const made = patients(10, scattered);
  const result = await label(made);
  const { likeness, riskCoverage, warnings, outOfFold } = result.report;
  assert.ok(outOfFold!.accuracy > 0.95, 'out of fold all seems well');
  assert.ok(likeness!.apart, JSON.stringify(likeness));
  assert.is(riskCoverage!.chosen, null);
  assert.match(warnings[0]!, 'unlike the others');
  assert.is(automatic(result, made).auto, 0);
});

test('given groups are held out together and count once: ten patients promise nothing, and the report says how many', async () => {
  const made = patients(10, scattered);
  const groups = groupsByName(
    made.stream.paths.map((_, image) => `p${Math.floor(image / frames)}`),
    'the column patient',
  );
  const result = await label({ ...made, groups });
  assert.is(automatic(result, made).auto, 0);
  assert.equal(result.report.groups, {
    from: 'the column patient',
    groups: 20,
    alone: 0,
    labels: 120,
    observations: 10,
    ofClass: [5, 5],
    largest: 12,
  });
  assert.ok(result.report.outOfFold!.accuracy < 0.8, `${result.report.outOfFold!.accuracy}`);
  assert.is(result.report.order, undefined);
  assert.match(result.report.warnings[0]!, 'The 120 labels come from 10 groups (the column patient)');
  assert.ok(result.labels.every(({ group }, row) => group === `p${Math.floor(row / frames)}`));
});

test('one patient a class: nothing can be held out, and the report says that groups are what is missing', async () => {
  const made = patients(2, scattered);
  const groups = groupsByName(
    made.stream.paths.map((_, image) => `p${Math.floor(image / frames)}`),
    'folder',
  );
  const { report } = await label({ ...made, groups });
  assert.is(report.riskCoverage, null);
  assert.match(report.warnings[0]!, 'images of one group (folder), count once, which leaves 1 of the');
  assert.ok(
    report.warnings.some((warning) => warning.startsWith("All labels of 'healthy', 'sick' come from one")),
  );
});

test('images in any order that are independent keep their promise', async () => {
  // Every image its own patient, of a class that its features tell.
  const random = new Random(8);
  const made = patients(10, inOrder);
  const values = Float32Array.from(
    made.features.values,
    (_, at) => random.next() + (at % columns === made.truth[Math.floor(at / columns)] ? 3 : 0),
  );
  const { report } = await label({ ...made, features: { ...made.features, values } });
  assert.is(report.order!.dependent, false);
  assert.ok(report.riskCoverage!.chosen);
});

test.run();
