import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { halfToNumber, toHalves } from '../../src/autograd/half.ts';
import type { Op } from '../../src/autograd/tape.ts';
import { type Capabilities, Gpu } from '../../src/gpu/device.ts';
import { withOrderFlags } from '../../src/gpu/matrix_syntax.ts';
import { Pipelines } from '../../src/gpu/pipelines.ts';
import type { Conv2dShape } from '../../src/kernels/conv2d.ts';
import {
  type MatrixTile,
  matrixForward,
  matrixInputGradient,
  matrixTiles,
  matrixWeightGradient,
} from '../../src/kernels/conv2d_matrix.ts';
import { sumParts } from '../../src/kernels/reduce.ts';
import { type Conv2dAttributes, conv2dOp, describe } from '../../src/ops/conv2d.ts';
import { nullGpu } from '../../src/platform/node_driver.ts';
import { Random } from '../../src/random.ts';
import type { Case } from '../twins/case.ts';
import { check } from '../twins/check.ts';
import { twins } from '../twins/index.ts';
import { emulateMatrices } from './matrix_emulation.ts';

// No adapter of ours has matrix units. Dawn's null backend says whether the kernels are valid; an emulation of the units,
// with everything round them as it is, whether the right numbers meet.
const gpu = await Gpu.create(nullGpu());
const engine = await Engine.create();

/** As an NVIDIA card has them. */
const card: Capabilities = {
  ...gpu.capabilities,
  subgroupSize: 32,
  workgroupBytes: 49152,
  matrixUnits: { m: 16, n: 16, k: 16 },
};
const shape: Conv2dShape = {
  ...{ batch: 2, height: 8, width: 8, channels: 16, pitch: 16, outHeight: 8, outWidth: 8, outChannels: 32 },
  ...{ kernel: 3, stride: 1, pad: 1, stored: 'f16' },
};

const launchesOf = (capabilities: Capabilities, tile: MatrixTile) => [
  matrixForward(capabilities, shape, tile),
  matrixInputGradient(capabilities, shape, tile),
  matrixInputGradient(capabilities, shape, tile, true),
  matrixWeightGradient(capabilities, shape, tile, 3).partial,
];

test('every tile compiles with the order of a matrix as a type argument', async () => {
  const { workgroupBytes } = gpu.capabilities;
  for (const matrixUnits of [card.matrixUnits!, { m: 8, n: 8, k: 8 }, { m: 16, n: 8, k: 16 }]) {
    const capabilities = { ...card, workgroupBytes, matrixUnits };
    const launches = matrixTiles(capabilities, shape).flatMap((tile) => launchesOf(capabilities, tile));
    assert.ok(launches.length > 0);
    for (const launch of launches) await gpu.wait(gpu.pipelines.get(launch));
  }
  gpu.check();
});

test('the kernels compile with the order of a matrix as a flag', async () => {
  const pipelines = new Pipelines(gpu.device, { matrixSyntax: 'flag' });
  for (const launch of launchesOf(card, matrixTiles(card, shape)[0]!)) await gpu.wait(pipelines.get(launch));
  gpu.check();
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

test('no tile is offered without matrix units, in f32, for ragged channels, or that asks for too much memory', () => {
  assert.equal(matrixTiles({ ...card, matrixUnits: undefined }, shape), []);
  assert.equal(matrixTiles(card, { ...shape, stored: 'f32' }), []);
  assert.equal(matrixTiles(card, { ...shape, outChannels: 30 }), []);
  assert.equal(matrixTiles(card, { ...shape, channels: 6, pitch: 6 }), []);
  const fitting = matrixTiles({ ...card, workgroupBytes: 16384 }, shape).length;
  assert.ok(fitting > 0 && fitting < matrixTiles(card, shape).length);
});

// Small enough for a software adapter to compile, and ragged in every direction.
const emulated: Capabilities = { ...card, subgroupSize: 1, matrixUnits: { m: 2, n: 4, k: 2 } };
const tile = { rows: 2, columns: 1, subgroupRows: 1, subgroupColumns: 2, depth: 4 };

/** conv2d by the emulated kernels, in three slices where it has a weight gradient. */
const emulatedOp: Op<Conv2dAttributes, undefined> = {
  ...conv2dOp,
  forward(run, [x, weight], [y], attributes) {
    const launch = emulateMatrices(matrixForward(emulated, describe(x!, weight!, attributes), tile));
    run.dispatch(launch, { x: x!, weight: weight!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [x, weight], attributes }, [dy], [dx, dw], [adds]) {
    const described = describe(x!, weight!, attributes);
    if (dx) {
      const launch = matrixInputGradient(emulated, described, tile, adds);
      run.dispatch(emulateMatrices(launch), { dy: dy!, weight: weight!, dx });
    }
    if (!dw) return;
    const { slices, partial } = matrixWeightGradient(emulated, described, tile, 3);
    const parts = run.temporary('partial', [slices, ...weight!.shape]);
    run.dispatch(emulateMatrices(partial), { x: x!, dy: dy!, partial: parts });
    run.dispatch(sumParts(slices, weight!.size), { partial: parts, total: dw });
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

test.after(() => {
  engine.destroy();
  gpu.destroy();
});
test.run();
