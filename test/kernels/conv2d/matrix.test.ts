import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import type { Op } from '../../../src/autograd/tape.ts';
import { type Capabilities, Gpu } from '../../../src/gpu/device.ts';
import { matrixUnits, probeMatrixSyntax, withOrderFlags } from '../../../src/gpu/matrix_units.ts';
import { PipelineCache } from '../../../src/gpu/pipeline_cache.ts';
import { forwardFamily, inputGradientFamily } from '../../../src/kernels/conv2d/conv2d.ts';
import { matrixLaunch } from '../../../src/kernels/conv2d/matrix.ts';
import type { Conv2dShape } from '../../../src/kernels/conv2d/shape.ts';
import { weightGradientFamily } from '../../../src/kernels/conv2d/weight_gradient.ts';
import type { Candidate, Problem } from '../../../src/kernels/tuning/problem.ts';
import { search } from '../../../src/kernels/tuning/search.ts';
import {
  type Family,
  type MatrixVariant,
  nameOf,
  problemOf,
  type Variant,
} from '../../../src/kernels/tuning/variant.ts';
import { halfToNumber, toHalves } from '../../../src/numerics/half.ts';
import { type Conv2dAttributes, conv2dOp, describe } from '../../../src/ops/conv2d.ts';
import { nullGpu } from '../../../src/platform/node_driver.ts';
import { Random } from '../../../src/random.ts';
import type { Case } from '../../twins/case.ts';
import { check } from '../../twins/check.ts';
import { twins } from '../../twins/index.ts';
import { emulateMatrices } from './matrix_emulation.ts';

// No adapter of ours has matrix units. Dawn's null backend says whether the kernels are valid; an emulation of the units,
// with everything round them as it is, whether the right numbers meet.
const gpu = await Gpu.create(nullGpu());
const engine = await Engine.create();

/** As an NVIDIA card has them. */
const card: Capabilities = {
  ...gpu.capabilities,
  subgroupMinSize: 32,
  workgroupBytes: 49152,
  matrixUnits: { m: 16, n: 16, k: 16 },
};
const shape: Conv2dShape = {
  ...{ batch: 2, height: 8, width: 8, channels: 16, pitch: 16, outHeight: 8, outWidth: 8, outChannels: 32 },
  ...{ kernel: 3, stride: 1, pad: 1, stored: 'f16' },
};

const isMatrix = (variant: Variant): variant is MatrixVariant => variant.form === 'matrix';

/** Every variant on matrix units, with the launches of its kernels. */
function matrixVariants(capabilities: Capabilities, at = shape) {
  const all = <V extends Variant>(family: Family<Conv2dShape, V>) =>
    family.variants(capabilities, at).flatMap((variant) => {
      if (!isMatrix(variant)) return [];
      const launches = [family.launches(capabilities, at, variant).product];
      return [{ variant, launches }];
    });
  const inputs = all(inputGradientFamily).map(({ variant, launches }) => ({
    variant,
    launches: [...launches, matrixLaunch(capabilities, at, variant, { gradient: true, accumulate: true })],
  }));
  return [...all(forwardFamily), ...inputs, ...all(weightGradientFamily)];
}

test('every tile compiles with the order of a matrix as a type argument', async () => {
  const { workgroupBytes } = gpu.capabilities;
  for (const matrixUnits of [card.matrixUnits!, { m: 8, n: 8, k: 8 }, { m: 16, n: 8, k: 16 }]) {
    const capabilities = { ...card, workgroupBytes, matrixUnits };
    const launches = matrixVariants(capabilities).flatMap((each) => each.launches);
    assert.ok(launches.length >= 4);
    for (const launch of launches) await gpu.wait(gpu.pipelines.get(launch));
  }
  gpu.check();
});

test('the kernels compile with the order of a matrix as a flag', async () => {
  const pipelines = new PipelineCache(gpu.device, { matrixSyntax: 'flag' });
  const smallest = matrixVariants(card).filter(({ variant }) => nameOf(variant) === 'matrix-2x2x2x2x32');
  assert.is(smallest.length, 3);
  for (const { launches } of smallest) for (const launch of launches) await gpu.wait(pipelines.get(launch));
  gpu.check();
});

test('an adapter offers its largest f16 product that sums in f32, if its subgroups have one size', async () => {
  const config = (M: number, N: number, K: number, componentType = 'f16', resultComponentType = 'f32') => ({
    ...{ M, N, K, componentType, resultComponentType },
  });
  const offer = (subgroupMatrixConfigs: object[] | undefined, subgroupMinSize = 32) =>
    matrixUnits({ subgroupMinSize, subgroupMaxSize: 32, subgroupMatrixConfigs } as unknown as GPUAdapterInfo);
  const configs = [
    config(16, 16, 16, 'f16', 'f16'),
    config(8, 8, 8),
    config(16, 8, 16),
    config(8, 8, 64, 'u8'),
  ];
  assert.equal(offer(configs), { m: 16, n: 8, k: 16 });
  assert.is(offer(configs.slice(0, 1)), undefined);
  assert.is(offer(undefined), undefined);
  assert.is(offer(configs, 8), undefined);
  assert.is(await gpu.wait(probeMatrixSyntax(gpu.device)), 'order');
});

test('the older syntax has the order as a flag before the pitch', () => {
  const text = (load: string, store: string) => `let a = ${load}; ${store}; f(subgroupMatrixLoad);`;
  assert.is(
    withOrderFlags(
      text(
        'subgroupMatrixLoad<Left, col_major>(&p, row(s, 2) * PITCH + g((1), 2), P + 1)',
        'subgroupMatrixStore<row_major>(&q, 0u, sum[i * 2], N)',
      ),
    ),
    text(
      'subgroupMatrixLoad<Left>(&p, row(s, 2) * PITCH + g((1), 2), true, P + 1)',
      'subgroupMatrixStore(&q, 0u, sum[i * 2], false, N)',
    ),
  );
});

test('no variant is offered without matrix units, in f32, for ragged channels, or that asks for too much memory', () => {
  const count = (capabilities: Capabilities, at: Conv2dShape) => matrixVariants(capabilities, at).length;
  assert.is(count({ ...card, matrixUnits: undefined }, shape), 0);
  assert.is(count(card, { ...shape, stored: 'f32' }), 0);
  assert.is(count(card, { ...shape, outChannels: 30 }), 0);
  assert.is(count(card, { ...shape, channels: 6, pitch: 6 }), 0);
  const fitting = count({ ...card, workgroupBytes: 16384 }, shape);
  assert.ok(fitting > 0 && fitting < count(card, shape));
});

test('none is a default: each runs only where the search chose it', () => {
  for (const driver of ['gpu', 'llvmpipe'] as const) {
    const capabilities = { ...card, driver };
    for (const family of [forwardFamily, inputGradientFamily, weightGradientFamily] as const)
      assert.not(isMatrix((family as Family<Conv2dShape>).variants(capabilities, shape)[0]!));
  }
});

// Small enough for a software adapter to compile, and ragged in every direction.
const emulated: Capabilities = { ...card, subgroupMinSize: 1, matrixUnits: { m: 2, n: 4, k: 2 } };
const tile: MatrixVariant = {
  ...{ form: 'matrix', rows: 2, columns: 1, subgroupRows: 1, subgroupColumns: 2, depth: 4 },
};

/** conv2d by the emulated kernels, in three slices where it has a weight gradient. */
const emulatedOp: Op<Conv2dAttributes, undefined> = {
  ...conv2dOp,
  forward(run, [x, weight], [y], attributes) {
    const { product } = forwardFamily.launches(emulated, describe(x!, weight!, attributes), tile);
    const tensors = { x: x!, weight: weight!, y: y!, bias: weight!, residual: x! };
    run.dispatch(emulateMatrices(product), tensors);
    return undefined;
  },
  backward(run, { inputs: [x, weight], attributes }, [dy], [dx, dw], [adds]) {
    const described = describe(x!, weight!, attributes);
    if (dx) {
      const pass = { gradient: true, accumulate: adds ?? false };
      const launch = matrixLaunch(emulated, described, tile, pass);
      const tensors = { x: dy!, weight: weight!, y: dx, bias: weight!, residual: dy! };
      run.dispatch(emulateMatrices(launch), tensors);
    }
    if (!dw) return;
    const cut = { ...tile, slices: 3 };
    const { slices, product, sum } = weightGradientFamily.launches(emulated, described, cut);
    const parts = sum ? run.temporary('partial', [slices, ...weight!.shape]) : dw;
    run.dispatch(emulateMatrices(product), { x: x!, dy: dy!, partial: parts });
    if (sum) run.dispatch(sum, { partial: parts, total: dw });
  },
};

const perhaps = engine.gpu.capabilities.features.has('shader-f16') ? test : test.skip;
const random = new Random(3);

/** Weights that f16 holds: the kernels round them. */
function withHalfWeights(sample: Case): Case {
  const [x, weight] = sample.inputs;
  const count = weight!.shape.reduce((a, b) => a * b, 1);
  const drawn = Float32Array.from({ length: count }, () => 2 * random.next() - 1);
  const values = Array.from(toHalves(drawn).subarray(0, count), halfToNumber);
  return { ...sample, inputs: [x!, { ...weight!, values }] };
}

const whole = twins.conv2d.filter(
  ({ inputs: [x, weight] }) => x!.shape[3]! % 4 === 0 && weight!.shape[3]! % 4 === 0,
);

test('there are cases of whole vec4, with strides, padding, padded pixels and larger kernels', () => {
  assert.ok(whole.length >= 5);
});

for (const sample of whole) {
  perhaps(`conv2d ${sample.name} on emulated matrix units: as the float64 twin`, () =>
    check(engine, emulatedOp, withHalfWeights(sample), 'f16'),
  );
}

perhaps(
  'on an adapter that cannot compile them the search refuses them all, and finds one of the others',
  async () => {
    const { capabilities } = engine.gpu;
    const claimed = { ...capabilities, matrixUnits: card.matrixUnits, workgroupBytes: 16384 };
    const refused: string[] = [];
    const whole = problemOf(forwardFamily, claimed, shape);
    const isClaimed = ({ form }: Candidate) => form.startsWith('matrix');
    const [first, ...others] = whole.candidates;
    // One that works is enough of the others: each takes seconds to compile.
    const problem: Problem = { ...whole, candidates: [first, ...others.filter(isClaimed)] };
    assert.not(isClaimed(first));
    const found = await search(engine.gpu, problem, { onRefused: (message) => refused.push(message) });
    assert.equal(
      refused.map((message) => message.replace(/ is not used.*/s, '')),
      problem.candidates.filter(isClaimed).map(({ name }) => `${problem.key}: ${name}`),
    );
    assert.ok(found && !found.best.startsWith('matrix'));
  },
);

perhaps('the first and every fourth other variant of this adapter agree with their twin in f16', async () => {
  const refused: string[] = [];
  for (const family of [forwardFamily, inputGradientFamily, weightGradientFamily]) {
    const whole = problemOf(family as Family<Conv2dShape>, engine.gpu.capabilities, shape);
    const [first, ...others] = whole.candidates;
    const problem = { ...whole, candidates: [first, ...others.filter((_, i) => i % 4 === 3)] as const };
    assert.ok(problem.halves.length === 2 && problem.key.endsWith(' f16'));
    assert.ok(await search(engine.gpu, problem, { onRefused: (message) => refused.push(message) }));
  }
  assert.equal(refused, []);
});

test.after(() => {
  engine.destroy();
  gpu.destroy();
});
test.run();
