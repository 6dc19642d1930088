import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import type { Tensor } from '../../../src/autograd/tensor.ts';
import type { Capabilities } from '../../../src/gpu/device.ts';
import { prefersWinograd } from '../../../src/kernels/winograd.ts';
import { describe } from '../../../src/ops/conv2d.ts';
import { foldedConvolution } from '../../../src/ops/inference/folded_convolution.ts';
import { Random } from '../../../src/random.ts';
import { forceVariant } from '../../kernels/force_variant.ts';
import { batchNormCase } from '../../twins/batch_norm.ts';
import { convolutionCase, out, type Sizes } from '../../twins/convolution.ts';

// One convolution against the float64 twins of what it folds, a convolution and a batch norm behind it.
const engine = await Engine.create();
const own = engine.gpu.capabilities.driver;
/** The twin's. */
const epsilon = 1e-5;

interface Sample extends Sizes {
  readonly relu?: boolean;
  readonly residual?: boolean;
}

const square = { kernel: 3, stride: 1, pad: 1 };
/** Channels of any number and of whole vec4f, stems, 1×1 and strides: the direct kernels. */
const direct: readonly Sample[] = [
  { n: 2, h: 5, w: 7, c: 3, o: 5, ...square, relu: true },
  { n: 1, h: 4, w: 4, c: 17, o: 17, ...square, relu: true, residual: true },
  { n: 5, h: 3, w: 4, c: 4, o: 12, kernel: 3, stride: 2, pad: 1, residual: true },
  { n: 3, h: 5, w: 3, c: 8, o: 4, kernel: 1, stride: 2, pad: 0 },
  { n: 1, h: 3, w: 8, c: 12, o: 20, ...square, relu: true, residual: true },
  { n: 2, h: 9, w: 19, c: 3, o: 20, kernel: 7, stride: 2, pad: 3, pitch: 4, relu: true },
  { n: 1, h: 5, w: 4, c: 3, o: 8, kernel: 3, stride: 2, pad: 1, pitch: 4 },
  { n: 1, h: 5, w: 3, c: 3, o: 4, kernel: 3, stride: 1, pad: 2, pitch: 4, relu: true },
];
/** Sides that tiles of 4×4 results divide and do not, with every padding, and channels of more than one workgroup. */
const tiled: readonly Sample[] = [
  { n: 1, h: 4, w: 4, c: 32, o: 32, ...square },
  { n: 3, h: 7, w: 7, c: 32, o: 36, ...square, relu: true, residual: true },
  { n: 2, h: 9, w: 14, c: 40, o: 32, ...square, relu: true },
  { n: 1, h: 7, w: 5, c: 32, o: 64, kernel: 3, stride: 1, pad: 2, residual: true },
  { n: 2, h: 6, w: 10, c: 36, o: 32, kernel: 3, stride: 1, pad: 0, relu: true },
];

function makeSample(s: Sample) {
  const random = new Random(11);
  const draw = (count: number, low = -1, high = 1) =>
    Float64Array.from({ length: count }, () => Math.fround(low + (high - low) * random.next()));
  const rows = s.n * out(s.h, s) * out(s.w, s);
  const values = {
    x: draw(s.n * s.h * s.w * (s.pitch ?? s.c)),
    weight: draw(s.kernel ** 2 * s.c * s.o),
    gamma: draw(s.o, 0.5, 1.5),
    beta: draw(s.o),
    mean: draw(s.o),
    variance: draw(s.o, 0.3, 2),
    residual: s.residual ? draw(rows * s.o) : undefined,
  };
  const [convolved] = convolutionCase(s).twin([values.x, values.weight]);
  const { gamma, beta, mean, variance, residual } = values;
  const form = { relu: s.relu ?? false, residual: s.residual ?? false, training: false };
  const expected = batchNormCase({ rows, channels: s.o, ...form }).twin([
    ...[convolved!, gamma, beta, mean, variance],
    ...(residual ? [residual] : []),
  ]);
  const input = (shape: readonly number[], data: Float64Array) =>
    engine.input(shape, 'f32', Float32Array.from(data));
  const tensors = {
    x: input([s.n, s.h, s.w, s.pitch ?? s.c], values.x),
    weight: input([s.kernel, s.kernel, s.c, s.o], values.weight),
    norm: {
      gamma: input([s.o], gamma),
      beta: input([s.o], beta),
      runningMean: input([s.o], mean),
      runningVariance: input([s.o], variance),
    },
    residual: residual && input([s.n, out(s.h, s), out(s.w, s), s.o], residual),
  };
  return { tensors, expected: expected[0]! };
}

const record = (s: Sample, { x, weight, norm, residual }: ReturnType<typeof makeSample>['tensors']): Tensor =>
  foldedConvolution(
    x,
    { weight, norm, epsilon },
    { stride: s.stride, pad: s.pad },
    { relu: s.relu ?? false, residual },
  );

async function check(s: Sample): Promise<void> {
  const { tensors, expected } = makeSample(s);
  const program = await engine.compile(() => ({ y: record(s, tensors) }), { training: false });
  program.run();
  const { y } = await program.read();
  program.run();
  assert.equal((await program.read()).y, y, 'a run that prepares nothing gives the same bytes');
  program.destroy();
  assert.is(y.length, expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // The convolution's own tolerance: sums of up to 9·Cin products in f32, of weights that were rounded twice more; a
  // detour over tiles multiplies the rounding errors by about three.
  expected.forEach((value, i) => {
    assert.ok(Math.abs(y[i]! - value) <= 1e-5 * largest, `[${i}] is ${y[i]}, the twin says ${value}`);
  });
}

const nameOf = ({ n, h, w, c, o, kernel, stride, pad, relu, residual }: Sample) =>
  `${n}×${h}×${w}×${c} → ${o}, ${kernel}×${kernel} stride ${stride} pad ${pad}${residual ? ', residual' : ''}${relu ? ', ReLU' : ''}`;

for (const sample of [...direct, ...tiled])
  test(`${nameOf(sample)}: as the twins of convolution and norm`, () => check(sample));

/** One of each form that this adapter does not run by default. */
const others: readonly (readonly [driver: Capabilities['driver'], variant: string])[] = [
  ['llvmpipe', 'subgroup-8x8'],
  ['gpu', 'tile-64x4x4'],
  ...(own === 'swiftshader' ? [] : ([['gpu', 'staged-8x8x4x4x16']] as const)),
];
for (const [driver, variant] of others) {
  test(`${variant} of ${driver}: the direct kernels as the twins`, async () => {
    forceVariant(engine, driver, variant);
    for (const sample of direct) await check(sample);
  });
}

test('software adapters go over tiles where channels are many, and directly elsewhere', () => {
  const suits = (s: Sample) => {
    const { x, weight } = makeSample(s).tensors;
    const capabilities = { ...engine.gpu.capabilities, driver: 'llvmpipe' } as const;
    return prefersWinograd(capabilities, describe(x, weight, s));
  };
  assert.equal(
    tiled.map(suits),
    tiled.map(() => true),
  );
  assert.equal(
    direct.map(suits),
    direct.map(() => false),
  );
  // Of a 2×2 image a tile has as many products as the image.
  assert.not.ok(suits({ n: 4, h: 2, w: 2, c: 32, o: 32, ...square }));
});

test('shapes that do not fit are refused in one sentence', async () => {
  const sample = direct[0]!;
  const { tensors } = makeSample(sample);
  const norm = { ...tensors.norm, beta: engine.input([sample.o + 1]) };
  const refused = async (record: () => Tensor) => {
    try {
      await engine.compile(() => ({ y: record() }), { training: false });
      return 'nothing';
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.match(await refused(() => record(sample, { ...tensors, norm })), /folded convolution: got .* γ, β/);
  const residual = engine.input([1, 1, 1, 1]);
  assert.match(await refused(() => record(sample, { ...tensors, residual })), /a residual of the shape/);
});

test.after(() => engine.destroy());
test.run();
