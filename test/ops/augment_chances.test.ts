import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { presets } from '../../src/data/policy.ts';
import { type AugmentationPolicy, drawChoices } from '../../src/ops/augment.ts';

// The choices' distributions over 2 · 4,096 views, by fixed seeds: each bound is passed by chance once in a thousand.
const count = 4096;
const engine = await Engine.create();

async function draw(policy: AugmentationPolicy, sourceSize: number, step = 0): Promise<number[][]> {
  const indices = engine.input(
    [count],
    'u32',
    Uint32Array.from({ length: count }, (_, i) => i),
  );
  const counter = engine.input([2], 'u32', Uint32Array.of(2024, step));
  const options = { policy, sourceSize, imageSize: 32, views: 2 } as const;
  const compiled = await engine.compile(() => ({ draws: drawChoices(indices, counter, options) }));
  compiled.run();
  const { draws } = await compiled.read();
  compiled.program.destroy();
  return Array.from({ length: 2 * count }, (_, view) => [...draws.subarray(16 * view, 16 * view + 16)]);
}

const imagenet = presets['simclr-imagenet'];
const drawn = await draw(imagenet, 64);
const column = (rows: readonly number[][], k: number) => rows.map((row) => row[k]!);

/** Kolmogorov–Smirnov: the largest gap between the sample's distribution and the uniform one on [low, high]. */
function assertUniform(what: string, sample: readonly number[], low: number, high: number): void {
  const sorted = sample.map((value) => (value - low) / (high - low)).sort((a, b) => a - b);
  const gap = Math.max(...sorted.map((value, i) => Math.abs(value - (i + 0.5) / sorted.length)));
  assert.ok(sorted[0]! >= 0 && sorted.at(-1)! <= 1, `${what} leaves ${low}…${high}`);
  assert.ok(gap < 1.95 / Math.sqrt(sorted.length), `${what}: gap ${gap}`);
}

for (const [name, k, probability] of [
  ['flip', 12, imagenet.flip],
  ['jitter', 13, imagenet.jitter.probability],
  ['greyscale', 14, imagenet.greyscale],
  ['blur', 15, imagenet.blur.probability],
] as const) {
  test(`${name} happens with its probability, in both views and independently of the rest`, () => {
    const happens = column(drawn, k).map((value) => value > 0);
    for (const half of [happens.slice(0, count), happens.slice(count)]) {
      const share = half.filter(Boolean).length / count;
      assert.ok(
        Math.abs(share - probability) < 3.3 * Math.sqrt((probability * (1 - probability)) / count),
        `${share}`,
      );
    }
    const both = happens.slice(0, count).filter((value, i) => value && happens[count + i]).length / count;
    const expected = probability ** 2;
    assert.ok(
      Math.abs(both - expected) < 3.3 * Math.sqrt((expected * (1 - expected)) / count),
      `both views: ${both}`,
    );
  });
}

test('factors and σ are uniform in their ranges', () => {
  for (const k of [4, 5, 6]) assertUniform(`factor ${k - 4}`, column(drawn, k), 0.2, 1.8);
  assertUniform('hue', column(drawn, 7), -0.2, 0.2);
  const [low, high] = imagenet.blur.sigma;
  assertUniform(
    'σ',
    column(drawn, 15).filter((sigma) => sigma > 0),
    low,
    high,
  );
});

test('all 24 orders of the jitter are equally frequent', () => {
  const frequency = new Map<string, number>();
  for (const row of drawn) {
    const order = row.slice(8, 12).join('');
    assert.is([...order].sort().join(''), '0123');
    frequency.set(order, (frequency.get(order) ?? 0) + 1);
  }
  const expected = (2 * count) / 24;
  const chiSquared = [...frequency.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  assert.is(frequency.size, 24);
  assert.ok(chiSquared < 49.7, `χ² of 23 degrees of freedom: ${chiSquared}`);
});

test('the crop has a uniform area, a log-uniform ratio and a uniform place', async () => {
  // At these ranges every box fits, so that no try is refused, and sides are long enough for rounding not to show.
  const side = 4000;
  const boxes = await draw({ ...imagenet, crop: { scale: [0.1, 0.5], ratio: [0.75, 4 / 3] } }, side);
  assertUniform(
    'area',
    boxes.map(([, , w, h]) => (w! * h!) / side ** 2),
    0.0998,
    0.5002,
  );
  assertUniform(
    'log ratio',
    boxes.map(([, , w, h]) => Math.log(w! / h!)),
    Math.log(0.7495),
    Math.log(1.3342),
  );
  assertUniform(
    'left',
    boxes.map(([left, , w]) => (left! + 0.5) / (side - w! + 1)),
    0,
    1,
  );
  assertUniform(
    'top',
    boxes.map(([, top, , h]) => (top! + 0.5) / (side - h! + 1)),
    0,
    1,
  );
});

test('boxes lie inside the image and reach its borders', () => {
  for (const [left, top, width, height] of drawn as [number, number, number, number][]) {
    assert.ok(left >= 0 && top >= 0 && width >= 1 && height >= 1 && left + width <= 64 && top + height <= 64);
  }
  assert.ok(drawn.some(([left, , width]) => width! < 64 && left! + width! === 64));
  assert.ok(drawn.some(([, top, , height]) => height! < 64 && top! + height! === 64));
});

test('where no box fits, the crop is the largest centred one with an allowed ratio', async () => {
  const wide = await draw({ ...imagenet, crop: { scale: [1, 1], ratio: [2, 3] } }, 31);
  const tall = await draw({ ...imagenet, crop: { scale: [1, 1], ratio: [0.25, 0.5] } }, 40);
  for (const row of wide) assert.equal(row.slice(0, 4), [0, 7, 31, 16]);
  for (const row of tall) assert.equal(row.slice(0, 4), [10, 0, 20, 40]);
});

test('successive steps and neighbouring images do not resemble each other', async () => {
  const next = await draw(imagenet, 64, 1);
  for (const k of [0, 1, 4, 5, 6, 7]) {
    const own = column(drawn, k);
    assert.ok(Math.abs(correlation(own, column(next, k))) < 3.3 / Math.sqrt(2 * count), `steps, number ${k}`);
    assert.ok(
      Math.abs(correlation(own.slice(1), own.slice(0, -1))) < 3.3 / Math.sqrt(2 * count),
      `images, number ${k}`,
    );
    const [first, second] = [own.slice(0, count), own.slice(count)];
    assert.ok(Math.abs(correlation(first, second)) < 3.3 / Math.sqrt(count), `views, number ${k}`);
  }
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
  return covariance / Math.sqrt(mean(a.map((v) => (v - meanA) ** 2)) * mean(b.map((v) => (v - meanB) ** 2)));
}

test.after(() => engine.destroy());
test.run();
