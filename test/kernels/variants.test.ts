import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Capabilities } from '../../src/gpu/device.ts';
import { forwardFamily, inputGradientFamily } from '../../src/kernels/conv2d/conv2d.ts';
import type { Conv2dShape } from '../../src/kernels/conv2d/shape.ts';
import { weightGradientFamily } from '../../src/kernels/conv2d/weight_gradient.ts';
import { matmulFamily } from '../../src/kernels/matmul.ts';
import { productShaders } from '../../src/kernels/tuning/choice_cache.ts';
import { type Family, nameOf, type Variant } from '../../src/kernels/tuning/variant.ts';
import { registry } from '../../src/ops/index.ts';
import type { Case } from '../twins/case.ts';
import { check } from '../twins/check.ts';
import { twins } from '../twins/index.ts';
import { forceVariant } from './force_variant.ts';

// The gradient suite runs each driver's default; here run the other variants of this adapter, and those of a graphics
// card. Names that a shape cannot run leave it with its default, which the suite covers.
const engine = await Engine.create();
const capabilities = engine.gpu.capabilities as {
  driver: Capabilities['driver'];
  matrixUnits: Capabilities['matrixUnits'];
};
const own = capabilities.driver;

/** A handful for each driver: a software adapter compiles some of them for most of a second. */
const names: Readonly<Record<Capabilities['driver'], readonly string[]>> = {
  llvmpipe: ['lines-8x64/k2', 'runs-8x8', 'subgroup-8x8/k2', 'subgroup-8x16/k64', 'tile-8x8x8/k4'],
  swiftshader: ['runs-4x8', 'subgroup-4x8/k4', 'subgroup-4x16/k1'],
  gpu: ['tile-64x4x4/k2', 'tile-32x2x16/k8', 'runs-8x16', 'staged-8x8x8x8x8/k2'],
};

const [ragged, strided, images, lines] = [1, 2, 8, 13].map((at) => twins.conv2d[at]!) as [
  Case,
  Case,
  Case,
  Case,
];
const convolved = {
  tile: [strided, images],
  staged: [strided, images],
  runs: [ragged, lines],
  subgroup: [images, lines],
  lines: [images, lines],
};

/** What a form may get wrong: rows of any length and of whole vec4f, strides, images and lines taken several at a time. */
const samplesOf = (variant: string) => ({
  matmul: [twins.matmul[2]!, twins.matmul.at(-2)!],
  conv2d: convolved[variant.split('-')[0] as keyof typeof convolved],
});

const force = (driver: Capabilities['driver'], name: string): void => forceVariant(engine, driver, name);

for (const driver of new Set([own, 'gpu'] as const)) {
  for (const variant of names[driver]) {
    for (const name of ['matmul', 'conv2d'] as const) {
      // SwiftShader compiles a staged tile, whose panel is written out, for minutes.
      const runs = own === 'swiftshader' && variant.startsWith('staged') ? test.skip : test;
      runs(`${variant} of ${driver}: every ${name} and its gradients as the float64 twin's`, async () => {
        force(driver, variant);
        for (const sample of samplesOf(variant)[name]) await check(engine, registry[name], sample);
      });
    }
  }
}

/** One of each form, and of the drivers' tiles. */
const halfNames = [
  'tile-64x4x4/k2',
  'staged-8x8x8x8x8/k2',
  'runs-8x16',
  'subgroup-8x16/k64',
  'tile-8x8x8/k4',
];
const perhaps = engine.gpu.capabilities.features.has('shader-f16') ? test : test.skip;

for (const driver of new Set([own, 'gpu'] as const)) {
  for (const variant of names[driver].filter((name) => halfNames.includes(name))) {
    perhaps(`${variant} of ${driver}: every conv2d in f16 as the float64 twin's`, async () => {
      force(driver, variant);
      for (const sample of samplesOf(variant).conv2d) await check(engine, registry.conv2d, sample, 'f16');
    });
  }
}

const convolution = {
  ...{ batch: 5, height: 6, width: 7, channels: 8, pitch: 8, outHeight: 3, outWidth: 4, outChannels: 36 },
  ...{ kernel: 3, stride: 2, pad: 1 },
  stored: 'f32',
} as const satisfies Conv2dShape;
const product = { m: 36, n: 20, k: 260, transposeA: false, transposeB: true };

/**
 * One with whole vec4f, one in f16, one without whole vec4f, one of another kernel, one that keeps the images' size, one of
 * pixels of one vec4f.
 */
const convolutions: readonly Conv2dShape[] = [
  convolution,
  { ...convolution, stored: 'f16' },
  { ...convolution, pitch: 9, channels: 9 },
  { ...convolution, kernel: 7, pad: 3 },
  { ...convolution, width: 8, outHeight: 6, outWidth: 8, stride: 1 },
  { ...convolution, channels: 3, pitch: 4 },
];

/** All variants of this driver at these shapes where subgroups have 8 lanes, with the launches that each makes. */
function everyVariant() {
  const all = { ...(capabilities as Capabilities), subgroupMinSize: 8 };
  const variantsOf = <Shape, V extends Variant>(family: Family<Shape, V>, shapes: readonly Shape[]) =>
    shapes.flatMap((shape) =>
      family.variants(all, shape).map((variant) => ({
        name: nameOf(variant),
        launch: family.launches(all, shape, variant).product,
      })),
    );
  return [
    ...variantsOf(matmulFamily, [product, { ...product, n: 21 }, { ...product, transposeB: false }]),
    ...variantsOf(forwardFamily, convolutions),
    ...variantsOf(inputGradientFamily, convolutions),
    ...variantsOf(weightGradientFamily, convolutions),
  ];
}

test('the names above are names of variants', () => {
  for (const driver of new Set([own, 'gpu'] as const)) {
    force(driver, '');
    const known = new Set(everyVariant().map(({ name }) => name));
    for (const name of names[driver]) assert.ok(known.has(name), `${driver} has no ${name}`);
  }
});

test('what was measured is kept under the text of every kernel that a variant runs', () => {
  const run = new Set<string>();
  for (const driver of new Set([own, 'gpu'] as const)) {
    force(driver, '');
    capabilities.matrixUnits = { m: 16, n: 16, k: 16 };
    for (const { launch } of everyVariant()) run.add(launch.shader.name);
    capabilities.matrixUnits = undefined;
  }
  assert.equal([...run].sort(), productShaders.map(({ name }) => name).sort());
});

test('shapes of one class share a key, others do not', () => {
  const key = (changed: Partial<Conv2dShape>) => forwardFamily.key({ ...convolution, ...changed });
  assert.is(key({ batch: 48 }), key({ batch: 64 }));
  assert.is.not(key({ batch: 32 }), key({ batch: 64 }));
  for (const changed of [
    { channels: 12, pitch: 12 },
    { pitch: 12 },
    { outChannels: 32 },
    { kernel: 1 },
    { stride: 1 },
    { stored: 'f16' },
  ] as const)
    assert.is.not(key(changed), key({}), JSON.stringify(changed));
  const form = (changed: Partial<Parameters<typeof matmulFamily.key>[0]>) =>
    matmulFamily.key({ ...product, ...changed });
  // Of 36 and 33 rows one is whole vec4f, where A is stored by columns.
  assert.is.not(form({ transposeA: true, m: 33 }), form({ transposeA: true }));
  assert.is(form({ m: 33 }), form({}));
  for (const changed of [
    { transposeB: false },
    { bias: true },
    { accumulate: true },
    { start: { a: 0, b: 0, c: 4 } },
  ])
    assert.is.not(form(changed), form({}), JSON.stringify(changed));
});

test('a variant of so many slices cuts a sum into no more than it has parts', () => {
  capabilities.driver = own;
  const all = capabilities as Capabilities;
  const [first] = weightGradientFamily.variants(all, convolution);
  // Three lines of five images; four images at a time where subgroups take them.
  const lines = first!.form === 'subgroup' ? 6 : 15;
  const {
    slices,
    product: launch,
    sum,
  } = weightGradientFamily.launches(all, convolution, { ...first!, slices: 128 });
  assert.is(slices, lines);
  assert.is(launch.grid[2], lines);
  assert.is(sum!.params!.parts, lines);
  const { slices: once, sum: none } = weightGradientFamily.launches(all, convolution, {
    ...first!,
    slices: 1,
  });
  assert.equal([once, none], [1, undefined]);
  // K = 260 in slices of whole fours: 65 of them in 64 slices of two or less.
  const cut = matmulFamily.launches(all, product, {
    form: 'tile',
    lanes: 8,
    rows: 4,
    columns: 4,
    slices: 64,
  });
  assert.equal([cut.product.params!.slice, cut.slices], [8, 33]);
});

test.after(() => engine.destroy());
test.run();
