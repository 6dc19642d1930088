import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import type { Batches } from '../../src/pretext/batches.ts';
import { methodBatches } from '../../src/pretext/method_batches.ts';
import { type MethodName, pretextMethods } from '../../src/pretext/registry.ts';
import { Random, shuffledIndices, streams } from '../../src/random.ts';

/** Images 0, 3, 6, … of a larger store, the first `labelled` of them with labels of three classes in turn. */
function sample(count: number, labelled: number) {
  const images = Int32Array.from({ length: count }, (_, i) => 3 * i);
  const labels = new Int32Array(3 * count).fill(-1);
  for (let i = 0; i < labelled; i++) labels[3 * i] = i % 3;
  return { images, labels };
}

const isLabelled = (labels: Int32Array) => (image: number) => labels[image]! >= 0;
const plan = (data: ReturnType<typeof sample>, method: MethodName, batch: number, seed = 5) =>
  methodBatches(pretextMethods[method], data, { batch, seed });
const steps = (batches: Batches, count: number) =>
  Array.from({ length: count }, (_, step) => batches.at(step));
const counts = (images: readonly number[]) => {
  const times = new Map<number, number>();
  for (const image of images) times.set(image, (times.get(image) ?? 0) + 1);
  return times;
};

test('simclr passes over all images, each epoch in the order of its own stream', () => {
  const data = sample(23, 9);
  const batches = plan(data, 'simclr', 5);
  assert.is(batches.size, 5);
  assert.is(batches.stepsPerEpoch, 4);
  for (const epoch of [0, 1, 7]) {
    const order = shuffledIndices(23, new Random(5, streams.epochs + epoch));
    for (let place = 0; place < 4; place++) {
      const expected = Array.from(order.subarray(5 * place, 5 * place + 5), (at) => data.images[at]!);
      assert.equal(batches.at(4 * epoch + place), expected);
    }
  }
});

test('supcon takes labelled images alone, each once in a pass', () => {
  const data = sample(60, 14);
  const batches = plan(data, 'supcon', 6);
  assert.is(batches.size, 6);
  // An epoch is as many images as there are in all.
  assert.is(batches.stepsPerEpoch, 10);
  for (let pass = 0; pass < 5; pass++) {
    const drawn = [...batches.at(2 * pass), ...batches.at(2 * pass + 1)];
    assert.ok(drawn.every(isLabelled(data.labels)));
    assert.is(new Set(drawn).size, 12);
  }
  // Which two are left out of a pass changes: none misses many.
  const times = counts(steps(batches, 140).flat());
  assert.is(times.size, 14);
  // 140 draws of 6 among 14: 60 each, in passes that leave out one of seven by chance; 4 deviations are 12.
  for (const [image, drawn] of times) assert.ok(drawn > 48 && drawn <= 70, `${image}: ${drawn} times`);
});

test('supcon takes all labelled images as one batch where they do not fill one', () => {
  const data = sample(40, 7);
  const batches = plan(data, 'supcon', 16);
  assert.is(batches.size, 7);
  assert.is(batches.stepsPerEpoch, 5);
  for (const drawn of steps(batches, 3)) assert.is(new Set(drawn).size, 7);
});

test('a quarter of a mixed batch is labelled, and both parts are drawn evenly', () => {
  const data = sample(100, 10);
  const batches = plan(data, 'mixed', 16);
  assert.is(batches.size, 16);
  assert.is(batches.stepsPerEpoch, 6);
  const epochs = steps(batches, 70);
  for (const drawn of epochs) {
    assert.is(drawn.filter(isLabelled(data.labels)).length, 4);
    assert.is(new Set(drawn).size, 16, 'no image twice in a batch');
  }
  const times = counts(epochs.flat());
  assert.is(times.size, 100, 'every image is seen');
  for (const [image, drawn] of times) {
    // Ten passes of seven steps over the 90 others see each at most once a pass; labelled ones come 28 times on average.
    if (isLabelled(data.labels)(image)) assert.ok(drawn > 18 && drawn <= 35, `${image}: ${drawn} times`);
    else assert.ok(drawn >= 6 && drawn <= 10, `${image}: ${drawn} times`);
  }
});

test('a mixed batch holds each labelled image at most once, and their own share where it is larger', () => {
  const shares = [
    // images, labelled, batch, labelled of a batch
    [100, 2, 32, 2],
    [100, 60, 10, 6],
    [20, 20, 8, 8],
    [21, 20, 8, 7],
    [8, 3, 8, 3],
    [5, 2, 2, 1],
    [9, 8, 9, 8],
  ] as const;
  for (const [images, labelled, batch, expected] of shares) {
    const data = sample(images, labelled);
    const batches = plan(data, 'mixed', batch);
    assert.is(batches.size, batch);
    for (const drawn of steps(batches, 12)) {
      assert.is(new Set(drawn).size, batch);
      const found = drawn.filter(isLabelled(data.labels)).length;
      assert.is(found, expected, `${labelled} of ${images} in batches of ${batch}`);
    }
  }
});

test('a step’s images are the same whatever was drawn before, and others under another seed', () => {
  for (const method of ['simclr', 'supcon', 'mixed'] as const) {
    const data = sample(50, 20);
    const whole = steps(plan(data, method, 8), 30);
    const resumed = plan(data, method, 8);
    for (const step of [17, 3, 29]) assert.equal(resumed.at(step), whole[step], `${method}, step ${step}`);
    assert.not.equal(plan(data, method, 8, 6).at(0), whole[0]);
  }
});

test('labels of fewer than two classes are refused where they are learnt from', () => {
  const data = sample(12, 6);
  const one = { ...data, labels: data.labels.map((label) => (label === 1 ? 1 : -1)) };
  const none = { ...data, labels: data.labels.map(() => -1) };
  for (const method of ['supcon', 'mixed'] as const) {
    for (const [given, says] of [
      [one, '2 labels of 1: give more labels'],
      [none, '0 labels of 0: give more labels'],
    ] as const) {
      assert.throws(
        () => plan(given, method, 4),
        (error: Error) => error instanceof UserError && error.message.includes(says),
      );
    }
  }
  assert.is(plan(none, 'simclr', 4).size, 4);
});

test('labels of images that are not trained on are not used', () => {
  const data = sample(12, 6);
  data.labels.forEach((_, image) => {
    if (image % 3 !== 0) data.labels[image] = 2;
  });
  for (const drawn of steps(plan(data, 'supcon', 6), 4)) assert.ok(drawn.every((image) => image % 3 === 0));
});

test.run();
