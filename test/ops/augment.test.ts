import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { presets } from '../../src/data/policy.ts';
import { createResizer } from '../../src/data/resize/triangle_resizer.ts';
import { ShapeError } from '../../src/errors.ts';
import { blurRadius } from '../../src/kernels/augment.ts';
import {
  type AugmentationPolicy,
  augment,
  drawChoices,
  imagenetScale,
  type Normalisation,
  pixelScale,
  renderViews,
  uploadImages,
} from '../../src/ops/augment.ts';
import { Random } from '../../src/random.ts';
import fixture from '../fixtures/augment.json';
import { chooseTwin, renderTwin, uniforms } from '../twins/augment.ts';

const engine = await Engine.create();
const { none, weak } = presets;
const cifar = presets['simclr-cifar'];
const imagenet = presets['simclr-imagenet'];

function randomPixels(count: number, side: number): Uint8Array {
  const random = new Random(3);
  return Uint8Array.from({ length: count * side * side * 3 }, () => random.integer(256));
}

interface Batch {
  readonly policy: AugmentationPolicy;
  readonly indices: readonly number[];
  readonly sourceSize: number;
  readonly counter?: readonly [seed: number, step: number];
  readonly views?: 1 | 2;
  readonly normalise?: Normalisation;
}

function inputs({ indices, counter = [1, 0] }: Batch) {
  return [
    engine.input([indices.length], 'u32', Uint32Array.from(indices)),
    engine.input([2], 'u32', Uint32Array.from(counter)),
  ] as const;
}

/** The choices of each view, [views·B][16]. */
async function draw(batch: Batch): Promise<number[][]> {
  const [indices, counter] = inputs(batch);
  const compiled = await engine.compile(() => ({
    draws: drawChoices(indices, counter, { imageSize: 1, ...batch }),
  }));
  compiled.run();
  const { draws } = await compiled.read();
  compiled.program.destroy();
  return Array.from({ length: draws.length / 16 }, (_, view) => [
    ...draws.subarray(16 * view, 16 * view + 16),
  ]);
}

async function views(pixels: Uint8Array, batch: Batch & { readonly imageSize: number }) {
  const images = uploadImages(engine, pixels);
  const [indices, counter] = inputs(batch);
  const compiled = await engine.compile(() => ({ y: augment(images, indices, counter, batch) }));
  compiled.run();
  const { y } = await compiled.read();
  compiled.program.destroy();
  return y as Float32Array;
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const normalise = (value: number) => (value - pixelScale.mean) / pixelScale.std;

/** `rgb` [pixels][3] in [0, 1] against a view [pixels][4], normalised. */
function compare(what: string, view: Float32Array, rgb: ArrayLike<number>, tolerance: number): void {
  assert.is(view.length * 3, rgb.length * 4, `${what}: size`);
  view.forEach((value, i) => {
    const expected = i % 4 === 3 ? 0 : normalise(rgb[Math.floor(i / 4) * 3 + (i % 4)]!);
    const error = Math.abs(value - expected);
    assert.ok(
      error <= tolerance,
      `${what}: component ${i} is ${value}, the twin says ${expected} (off by ${error})`,
    );
  });
}

function assertNear(
  what: string,
  actual: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
): void {
  expected.forEach((value, k) => {
    assert.ok(Math.abs(value - actual[k]!) <= tolerance, `${what}, number ${k}: ${actual[k]}, not ${value}`);
  });
}

// Colours are at most 1, go through at most ten roundings of 6e-8 each, which three factors of up to 1.8 and the
// division by 0.25 enlarge 23 times; the hue's six-fold slope doubles that in the worst case.
const tolerance = 4e-5;

test('random words are those of the integer twin, bit for bit', async () => {
  // With these ranges factors are 2u, 2u, 2u, u − 1/2 and σ is u: exact in f32.
  const jitter = { probability: 1, brightness: 1, contrast: 1, saturation: 1, hue: 0.5 };
  const policy = { ...none, jitter, blur: { probability: 1, sigma: [0, 1] as const, kernel: 0.1 } };
  const [seed, step] = [0xdeadbeef, 0xffffffff] as const;
  const indices = [0, 1, 2, 77, 50_000, 0xfffffffe];
  const drawn = await draw({ policy, indices, sourceSize: 8, counter: [seed, step], views: 2 });
  drawn.forEach((values, i) => {
    const slot = (number: number) => uniforms(seed, step, indices[i % 6]!, Math.floor(i / 6), number);
    const [b, c, s, h] = slot(11) as [number, number, number, number];
    assert.equal([...values.slice(4, 8), values[15]], [2 * b, 2 * c, 2 * s, h - 0.5, slot(12)[1]]);
  });
});

for (const policy of [cifar, imagenet, weak, none]) {
  test(`${policy.name}: choices are those of the float64 twin`, async () => {
    for (const sourceSize of [7, 32, 97]) {
      const indices = range(65);
      const drawn = await draw({ policy, indices, sourceSize, counter: [5, 9], views: 2 });
      let unsure = 0;
      drawn.forEach((values, i) => {
        const { values: expected, ambiguous } = chooseTwin(policy, sourceSize, [
          5,
          9,
          i % 65,
          Math.floor(i / 65),
        ]);
        if (ambiguous) unsure++;
        // Whole numbers are equal; factors and σ differ by f32's rounding of numbers up to 2.
        else assertNear(`view ${i}`, values, expected, 3e-7);
      });
      assert.ok(unsure <= 3, `${unsure} boxes could not be compared`);
    }
  });
}

test('views are those of torchvision for the same choices', async () => {
  const { sourceSize, size: imageSize, radius, pixels, cases } = fixture;
  const policy = { ...cifar, blur: { probability: 1, sigma: [1, 1] as const, kernel: 0.45 } };
  assert.is(blurRadius(imageSize, 0.45), radius);
  const rows: number[][] = cases.map(({ box, factors, order, choices }) =>
    [box, factors, order, choices].flat(),
  );
  const images = uploadImages(engine, Uint8Array.from(pixels));
  const indices = engine.input(
    [rows.length],
    'u32',
    Uint32Array.from(cases, ({ image }) => image),
  );
  const draws = engine.input([rows.length, 16], 'f32', Float32Array.from(rows.flat()));
  const compiled = await engine.compile(() => ({
    y: renderViews(images, indices, draws, { policy, sourceSize, imageSize }),
  }));
  compiled.run();
  const { y } = await compiled.read();
  compiled.program.destroy();
  const bytes = imageSize * imageSize * 4;
  for (const [i, { image, rgb }] of cases.entries()) {
    compare(`case ${i}`, y.subarray(i * bytes, (i + 1) * bytes) as Float32Array, rgb, tolerance);
    const own = Uint8Array.from(pixels.slice(image * sourceSize ** 2 * 3));
    const twin = renderTwin(own, sourceSize, rows[i]!, imageSize, radius);
    // The fixture keeps nine digits, and torchvision makes its blur's weights in f32.
    assertNear(`twin, case ${i}`, twin, rgb, 1e-7);
  }
});

const ragged = [
  { sourceSize: 7, imageSize: 7, indices: [2], policy: imagenet },
  { sourceSize: 17, imageSize: 17, indices: [4, 0, 4], policy: cifar },
  { sourceSize: 24, imageSize: 16, indices: [1, 2, 3, 4, 0], policy: imagenet },
  // 40² pixels are more than one workgroup takes.
  { sourceSize: 11, imageSize: 40, indices: [3, 1, 0], policy: imagenet },
  { sourceSize: 32, imageSize: 32, indices: [0, 1, 2, 3, 4], policy: weak },
  { sourceSize: 3, imageSize: 1, indices: [0, 4], policy: imagenet },
];
for (const { sourceSize, imageSize, indices, policy } of ragged) {
  test(`${policy.name}, ${indices.length} images of ${sourceSize} px to ${imageSize} px: views of the twin`, async () => {
    const pixels = randomPixels(5, sourceSize);
    const radius = policy.blur ? blurRadius(imageSize, policy.blur.kernel) : 0;
    for (let step = 0; step < 4; step++) {
      const batch = {
        policy,
        indices,
        sourceSize,
        imageSize,
        counter: [8, step] as const,
        views: 2 as const,
      };
      const drawn = await draw(batch);
      const y = await views(pixels, batch);
      drawn.forEach((choices, i) => {
        const image = pixels.subarray(indices[i % indices.length]! * sourceSize ** 2 * 3);
        const rgb = renderTwin(image, sourceSize, choices, imageSize, radius);
        const length = imageSize ** 2 * 4;
        compare(`step ${step}, view ${i}`, y.subarray(i * length, (i + 1) * length), rgb, tolerance);
      });
    }
  });
}

test('without augmentation and resizing a view is its pixels', async () => {
  const pixels = randomPixels(4, 9);
  const y = await views(pixels, { policy: none, indices: [3, 0, 2, 1], sourceSize: 9, imageSize: 9 });
  const expected = [3, 0, 2, 1].flatMap((image) => [...pixels.subarray(image * 243, image * 243 + 243)]);
  // Two roundings of numbers up to 2.
  compare(
    'view',
    y,
    expected.map((byte) => byte / 255),
    2.4e-7,
  );
});

test('without augmentation a view is resized as the host resizes images', async () => {
  for (const [sourceSize, imageSize] of [
    [24, 16],
    [16, 33],
  ] as const) {
    const pixels = randomPixels(2, sourceSize);
    const y = await views(pixels, { policy: none, indices: [1], sourceSize, imageSize });
    const bytes = new Uint8Array(imageSize ** 2 * 3);
    createResizer(sourceSize, sourceSize, imageSize)(pixels.subarray(sourceSize ** 2 * 3), bytes);
    // The host rounds to whole bytes: half a 255th, divided by 0.25.
    compare(
      'view',
      y,
      [...bytes].map((byte) => byte / 255),
      0.5 / 255 / 0.25 + tolerance,
    );
  }
});

test('a step can be made again in any batch, and other steps, seeds and views differ', async () => {
  const pixels = randomPixels(6, 12);
  const batch = { policy: imagenet, sourceSize: 12, imageSize: 12, views: 2 } as const;
  const make = (indices: number[], counter: [number, number]) =>
    views(pixels, { ...batch, indices, counter });
  const length = 12 * 12 * 4;
  const first = await make([5, 1, 3], [4, 100]);
  assert.equal(await make([5, 1, 3], [4, 100]), first);
  const alone = await make([3], [4, 100]);
  assert.equal(alone.subarray(0, length), first.subarray(2 * length, 3 * length), 'first view of image 3');
  assert.equal(alone.subarray(length), first.subarray(5 * length), 'second view of image 3');
  const others = [await make([3], [4, 101]), await make([3], [5, 100]), alone.slice(length)];
  for (const other of others) assert.not.equal(other.subarray(0, length), alone.subarray(0, length));
});

test('a change of one part of the policy leaves the other choices as they were', async () => {
  const batch = { indices: range(64), sourceSize: 32 };
  const before = await draw({ ...batch, policy: imagenet });
  const after = await draw({ ...batch, policy: { ...imagenet, flip: 0, crop: null, greyscale: 1 } });
  before.forEach((values, i) => {
    assert.equal(values.slice(4, 12), after[i]!.slice(4, 12));
    assert.equal([values[13], values[15]], [after[i]![13], after[i]![15]]);
  });
});

test('each channel is normalised by its own mean and deviation, with jitter and without', async () => {
  const pixels = randomPixels(1, 8);
  for (const policy of [none, { ...none, jitter: { ...cifar.jitter, probability: 1 } }]) {
    const batch = { policy, indices: [0], sourceSize: 8, imageSize: 8 };
    const plain = await views(pixels, { ...batch, normalise: { mean: 0, std: 1 } });
    const scaled = await views(pixels, { ...batch, normalise: imagenetScale });
    scaled.forEach((value, i) => {
      const [mean, std] = [imagenetScale.mean[i % 4], imagenetScale.std[i % 4]];
      const expected = i % 4 === 3 ? 0 : (plain[i]! - mean!) / std!;
      // Two roundings of numbers below 3; WGSL's division may be off by 2.5 units in the last place more.
      assert.ok(Math.abs(value - expected) < 1e-6, `component ${i} is ${value}, not ${expected}`);
    });
  }
});

test('tensors of another type or size are refused by name', async () => {
  const images = engine.input([12], 'u32');
  const counter = engine.input([2], 'u32');
  const options = { policy: none, sourceSize: 4, imageSize: 4 };
  const refusal = (wrong: Parameters<typeof augment>) =>
    engine
      .compile(() => ({ y: augment(...wrong) }))
      .then(
        () => 'nothing was refused',
        (error) => (error instanceof ShapeError ? error.message : `no ShapeError: ${error}`),
      );
  const indices = engine.input([1], 'u32');
  assert.match(
    await refusal([images, engine.input([1]), counter, options]),
    /augment: got \[1\] f32 and \[2\] u32, but/,
  );
  assert.match(await refusal([images, indices, engine.input([3], 'u32'), options]), /a counter \[2\] u32/);
  const larger = { ...options, sourceSize: 5 };
  assert.match(
    await refusal([images, indices, counter, larger]),
    /got \[12\] u32, but it takes 5×5 RGB images/,
  );
});

test.after(() => engine.destroy());
test.run();
