import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { type Shape, Tensor } from '../../src/autograd/tensor.ts';
import { Storage } from '../../src/gpu/storage.ts';
import { add } from '../../src/ops/add.ts';
import { augment } from '../../src/ops/augment.ts';
import { batchNorm } from '../../src/ops/batch_norm.ts';
import { conv2d } from '../../src/ops/conv2d.ts';
import { conv2dTranspose } from '../../src/ops/generative/conv2d_transpose.ts';
import { upsample } from '../../src/ops/generative/upsample.ts';
import { foldedConvolution } from '../../src/ops/inference/folded_convolution.ts';
import { l2Normalize } from '../../src/ops/l2_normalize.ts';
import { matmul } from '../../src/ops/matmul.ts';
import { ntXent } from '../../src/ops/nt_xent.ts';
import { averagePool } from '../../src/ops/pool/average_pool.ts';
import { averagePool2d } from '../../src/ops/pool/average_pool_2d.ts';
import { maxPool } from '../../src/ops/pool/max_pool.ts';
import { pseudoLabels } from '../../src/ops/pseudo_label.ts';
import { relu } from '../../src/ops/relu.ts';
import { scale } from '../../src/ops/scale.ts';
import { softmaxCrossEntropy } from '../../src/ops/softmax_cross_entropy.ts';
import { subsamplePad } from '../../src/ops/subsample_pad.ts';
import { supCon } from '../../src/ops/sup_con.ts';
import { attention } from '../../src/ops/vit/attention.ts';
import { dropPath } from '../../src/ops/vit/drop_path.ts';
import { embedTokens } from '../../src/ops/vit/embed_tokens.ts';
import { gelu } from '../../src/ops/vit/gelu.ts';
import { layerNorm } from '../../src/ops/vit/layer_norm.ts';
import { layerScale } from '../../src/ops/vit/layer_scale.ts';
import { patches } from '../../src/ops/vit/patches.ts';
import { tokenPool } from '../../src/ops/vit/token_pool.ts';
import { adamW } from '../../src/optim/adamw.ts';
import { lars } from '../../src/optim/lars.ts';
import { sgd } from '../../src/optim/sgd.ts';
import type { OpName } from '../twins/index.ts';

const engine = await Engine.create();

// A caller without types gives anything.
type Loose = Record<string, unknown>;
const any = (options: Loose) => options as never;
const floats = (...shapes: Shape[]) => shapes.map((shape) => engine.input(shape)) as [Tensor, Tensor];
const images = () => floats([2, 8, 8, 4], [3, 3, 4, 4]);
const norm = () => {
  const [gamma, beta] = floats([4], [4]);
  const [runningMean, runningVariance] = floats([4], [4]);
  return { gamma, beta, runningMean, runningVariance };
};
const labels = () => engine.input([4], 'u32');

/** Records an op with attributes that replace some of the right ones. */
type Record_ = (wrong: Loose) => unknown;
const folded: Record_ = ({ epsilon = 1e-5, ...window }) => {
  const [x, weight] = images();
  const convolution = { weight, norm: norm(), epsilon: epsilon as number };
  return foldedConvolution(x, convolution, any({ stride: 1, pad: 1, ...window }));
};
const augmented: Record_ = (wrong) => {
  const [pixels, indices, counter] = [48, 2, 2].map((size) => engine.input([size], 'u32'));
  const usual = { policy: { flip: 0 }, sourceSize: 8, imageSize: 8 };
  return augment(pixels!, indices!, counter!, any({ ...usual, ...wrong }));
};

/** The right value of no attribute: what the message must say, and the kind of error. */
type Wrong = readonly [wrong: Loose, says: string, kind?: typeof TypeError];
const positiveNumbers = (name: string): readonly Wrong[] => [
  ...[0, -1, Number.NaN, Infinity, 1e-60].map(
    (value): Wrong => [{ [name]: value }, `${name} must be a finite number above 0, not ${value}`],
  ),
  [{ [name]: '1' }, `${name} must be a finite number above 0, not '1'`, TypeError],
  [{ [name]: null }, `${name} must be a finite number above 0, not null`, TypeError],
];
const wholeNumbers = (name: string, least: number): readonly Wrong[] =>
  [least - 1, 1.5, Number.NaN, Infinity, 2 ** 60].map((value) => [
    { [name]: value },
    `${name} must be a whole number of at least ${least}, not ${value}`,
  ]);
const unknown = (has: string): Wrong => [{ groups: 2 }, `there is no 'groups', only ${has}`, TypeError];

const ops: Partial<
  Record<OpName | 'folded convolution' | 'augment' | 'pseudo_label', [Record_, readonly Wrong[]]>
> = {
  attention: [
    (wrong) => attention(engine.input([2, 3, 24]), any({ heads: 2, ...wrong })),
    [...wholeNumbers('heads', 1), unknown('heads')],
  ],
  average_pool_2d: [
    (wrong) => averagePool2d(images()[0], any({ kernel: 2, ...wrong })),
    [...wholeNumbers('kernel', 1), unknown('kernel')],
  ],
  batch_norm: [
    (wrong) => batchNorm(images()[0], norm(), any(wrong)),
    [
      ...positiveNumbers('epsilon'),
      [{ momentum: 1.1 }, 'momentum must be a number from 0 to 1, not 1.1'],
      [{ momentum: Number.NaN }, 'momentum must be a number from 0 to 1, not NaN'],
      [{ relu: 1 }, 'relu must be true or false, not 1', TypeError],
      unknown('training, relu, epsilon, momentum'),
    ],
  ],
  drop_path: [
    (wrong) => dropPath(floats([2, 3])[0], engine.input([2], 'u32'), any({ rate: 0.5, branch: 0, ...wrong })),
    [
      [{ rate: 1 }, 'rate must be a number of at least 0 and below 1, not 1'],
      [{ rate: -0.1 }, 'rate must be a number of at least 0 and below 1, not -0.1'],
      [{ branch: -1 }, 'branch must be a whole number from 0 to 1048576, not -1'],
      unknown('rate, branch'),
    ],
  ],
  conv2d: [
    (wrong) => conv2d(...images(), any(wrong)),
    [...wholeNumbers('stride', 1), ...wholeNumbers('pad', 0), unknown('stride, pad')],
  ],
  conv2d_transpose: [
    (wrong) => conv2dTranspose(...images(), any({ stride: 2, ...wrong })),
    [...wholeNumbers('stride', 1), ...wholeNumbers('outputPad', 0), unknown('stride, pad, outputPad')],
  ],
  upsample: [
    (wrong) => upsample(images()[0], any({ factor: 2, ...wrong })),
    [...wholeNumbers('factor', 1), [{ bilinear: 1 }, 'bilinear must be true or false, not 1', TypeError]],
  ],
  'folded convolution': [folded, positiveNumbers('epsilon')],
  layer_norm: [
    (wrong) => layerNorm(floats([4, 4])[0], { gamma: floats([4])[0], beta: floats([4])[0] }, any(wrong)),
    [...positiveNumbers('epsilon'), unknown('epsilon')],
  ],
  patches: [
    (wrong) => patches(engine.input([1, 8, 8, 3]), any({ patch: 4, channels: 3, ...wrong })),
    [...wholeNumbers('patch', 1), ...wholeNumbers('channels', 1), unknown('patch, channels')],
  ],
  token_pool: [
    (wrong) =>
      tokenPool(engine.input([1, 3, 4]), any({ leading: 1, classToken: true, mean: true, ...wrong })),
    [
      ...wholeNumbers('leading', 1),
      [{ mean: 1 }, 'mean must be true or false, not 1', TypeError],
      unknown('leading, classToken, mean'),
    ],
  ],
  matmul: [
    (wrong) => matmul(...floats([3, 3], [3, 3]), any(wrong)),
    [
      [{ transposeA: 'no' }, "transposeA must be true or false, not 'no'", TypeError],
      unknown('transposeA, transposeB'),
    ],
  ],
  max_pool: [
    (wrong) => maxPool(images()[0], any({ kernel: 3, stride: 2, pad: 1, ...wrong })),
    [
      ...wholeNumbers('kernel', 1).slice(1),
      ...wholeNumbers('stride', 1),
      [{ pad: 2 }, 'pad must be a whole number from 0 to half the kernel, not 2'],
      [{ pad: -1 }, 'pad must be a whole number from 0 to half the kernel, not -1'],
      unknown('kernel, stride, pad'),
    ],
  ],
  nt_xent: [
    (wrong) => ntXent(floats([4, 3])[0], any({ temperature: 0.5, ...wrong })),
    [...positiveNumbers('temperature'), unknown('temperature')],
  ],
  scale: [
    (wrong) => scale(floats([4])[0], wrong.factor as number),
    [
      [{ factor: Number.NaN }, 'factor must be a finite number, not NaN'],
      [{ factor: 1e39 }, 'factor must be a finite number, not 1e+39'],
      [{}, 'factor must be a finite number, not undefined', TypeError],
    ],
  ],
  softmax_cross_entropy: [
    (wrong) => softmaxCrossEntropy(floats([4, 3])[0], labels(), any(wrong)),
    [
      ...positiveNumbers('temperature'),
      [{ meanOver: -1 }, 'meanOver must be a finite number of at least 0, not -1'],
      unknown('temperature, meanOver'),
    ],
  ],
  subsample_pad: [
    (wrong) => subsamplePad(images()[0], any({ stride: 2, before: 1, after: 1, ...wrong })),
    [...wholeNumbers('stride', 1), ...wholeNumbers('before', 0), ...wholeNumbers('after', 0)],
  ],
  sup_con: [
    (wrong) => supCon(floats([4, 3])[0], labels(), any({ temperature: 0.5, ...wrong })),
    [...positiveNumbers('temperature'), unknown('temperature')],
  ],
  augment: [
    augmented,
    [
      ...wholeNumbers('sourceSize', 1),
      ...wholeNumbers('imageSize', 1),
      [{ views: 3 }, 'views must be a whole number from 1 to 2, not 3'],
      [{ normalise: { mean: 0.5, std: [1, 0, 1] } }, 'std must be a finite number above 0, not 0'],
      [{ normalise: { mean: Number.NaN, std: 1 } }, 'mean must be a finite number, not NaN'],
    ],
  ],
  pseudo_label: [
    (wrong) => pseudoLabels(...floats([4, 3], [5]), any({ decay: 0.9, ...wrong })),
    [
      [{ decay: 1 }, 'decay must be a number of at least 0 and below 1, not 1'],
      [{ thresholds: [0, 2] }, 'highest must be a number from 0 to 1, not 2'],
    ],
  ],
};

async function errorOf(record: () => unknown): Promise<Error> {
  const program = () => {
    record();
    return {};
  };
  return engine.compile(program, { training: true }).then(
    () => new Error('accepted'),
    (error: Error) => error,
  );
}

for (const [name, [record, wrongs]] of Object.entries(ops)) {
  test(`${name} refuses attributes that are none by its name, the rule and the value`, async () => {
    for (const [wrong, says, kind = RangeError] of wrongs) {
      const error = await errorOf(() => record(wrong));
      assert.is(error.message, `${name}: ${says}`);
      assert.instance(error, kind);
    }
  });
}

test('optimizers refuse rates that are none', () => {
  const model = engine.parameters();
  assert.throws(
    () => sgd(engine, model, { momentum: 2, weightDecay: 0 }),
    /^sgd: momentum must be a number from 0 to 1, not 2$/,
  );
  assert.throws(
    () => lars(engine, model, { momentum: 0.9, weightDecay: -1 }),
    /^lars: weightDecay must be .*not -1$/,
  );
  assert.throws(
    () => adamW(engine, model, { weightDecay: 0, beta2: 1 }),
    /^adamw: beta2 must be .* below 1, not 1$/,
  );
});

test('an empty dimension is refused where a tensor is made, and by every op where it was made otherwise', async () => {
  for (const shape of [[0, 3], [3, -1], [2.5], [Number.NaN]]) {
    assert.throws(
      () => engine.input(shape),
      (error: Error) =>
        error instanceof RangeError &&
        error.message.endsWith('has a dimension that is no whole number of at least 1'),
    );
    const declare = () =>
      engine.parameters().trainable('w', shape, () => new Float32Array(), { decay: true });
    assert.throws(declare, /^'w': \[.*\] f32 has a dimension/);
  }
  const empty = (...shape: number[]) => new Tensor({ shape, dtype: 'f32' }, new Storage('empty', 256));
  const records: Readonly<Partial<Record<OpName, () => unknown>>> = {
    add: () => add(empty(0, 3), empty(0, 3)),
    attention: () => attention(empty(0, 3, 24), { heads: 2 }),
    average_pool: () => averagePool(empty(2, 0, 8, 4)),
    average_pool_2d: () => averagePool2d(empty(2, 8, 8, 0), { kernel: 2 }),
    batch_norm: () => batchNorm(empty(0, 8, 8, 4), norm()),
    conv2d: () => conv2d(empty(0, 8, 8, 4), images()[1]),
    drop_path: () => dropPath(empty(0, 3), engine.input([2], 'u32'), { rate: 0.5, branch: 0 }),
    embed_tokens: () =>
      embedTokens(empty(0, 3, 4), { positions: floats([3, 4])[0], classToken: floats([1, 4])[0] }),
    gelu: () => gelu(empty(0)),
    l2_normalize: () => l2Normalize(empty(4, 0)),
    layer_norm: () => layerNorm(empty(0, 4), { gamma: floats([4])[0], beta: floats([4])[0] }),
    layer_scale: () => layerScale(empty(0, 4), empty(0, 4), floats([4])[0]),
    matmul: () => matmul(empty(3, 0), empty(0, 3)),
    max_pool: () => maxPool(empty(0, 8, 8, 4), { kernel: 3, stride: 2, pad: 1 }),
    nt_xent: () => ntXent(empty(0, 4), { temperature: 0.5 }),
    patches: () => patches(empty(0, 8, 8, 3), { patch: 4, channels: 3 }),
    relu: () => relu(empty(0)),
    scale: () => scale(empty(0), 2),
    softmax_cross_entropy: () => softmaxCrossEntropy(empty(4, 0), labels()),
    subsample_pad: () => subsamplePad(empty(2, 8, 8, 0), { stride: 2, before: 1, after: 1 }),
    sup_con: () => supCon(empty(4, 0), labels(), { temperature: 0.5 }),
    token_pool: () => tokenPool(empty(0, 3, 4), { leading: 1, classToken: true, mean: true }),
  };
  for (const [name, record] of Object.entries(records)) {
    const error = await errorOf(record);
    assert.match(
      error.message,
      new RegExp(`^${name}: got .*, but every dimension must be a whole number of at least 1$`),
    );
    assert.instance(error, RangeError);
  }
});

test.after(() => engine.destroy());
test.run();
