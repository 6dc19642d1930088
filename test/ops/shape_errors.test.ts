import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { DType, Tensor } from '../../src/autograd/tensor.ts';
import { ShapeError } from '../../src/errors.ts';
import { add } from '../../src/ops/add.ts';
import { batchNorm } from '../../src/ops/batch_norm.ts';
import { conv2d } from '../../src/ops/conv2d.ts';
import { l2Normalize } from '../../src/ops/l2_normalize.ts';
import { matmul } from '../../src/ops/matmul.ts';
import { ntXent } from '../../src/ops/nt_xent.ts';
import { averagePool } from '../../src/ops/pool/average_pool.ts';
import { averagePool2d } from '../../src/ops/pool/average_pool_2d.ts';
import { maxPool } from '../../src/ops/pool/max_pool.ts';
import { relu } from '../../src/ops/relu.ts';
import { scale } from '../../src/ops/scale.ts';
import { softmaxCrossEntropy } from '../../src/ops/softmax_cross_entropy.ts';
import { subsamplePad } from '../../src/ops/subsample_pad.ts';
import { supCon } from '../../src/ops/sup_con.ts';
import type { OpName } from '../twins/index.ts';
import { misusesOfGeneration } from './misuses/generation.ts';
import type { Misuse } from './misuses/misuse.ts';
import { misusesOfPretexts } from './misuses/pretexts.ts';
import { misusesOfTokens } from './misuses/tokens.ts';

const engine = await Engine.create();

const normalise = ([x, gamma, beta, runningMean, runningVariance, residual]: Tensor[]) =>
  batchNorm(
    x!,
    { gamma: gamma!, beta: beta!, runningMean: runningMean!, runningVariance: runningVariance! },
    { residual },
  );
const pool = ([x]: Tensor[]) => maxPool(x!, { kernel: 3, stride: 2, pad: 0 });
const averageWindows = ([x]: Tensor[]) => averagePool2d(x!, { kernel: 2 });
const subsample = ([x]: Tensor[]) => subsamplePad(x!, { stride: 2, before: 1, after: 1 });
const convolve = ([x, weight]: Tensor[]) => conv2d(x!, weight!);
const entropy = ([logits, labels]: Tensor[]) => softmaxCrossEntropy(logits!, labels!);
const contrast = ([views, labels]: Tensor[]) => supCon(views!, labels!, { temperature: 0.5 });
const product =
  (transposeA: boolean, transposeB: boolean) =>
  ([a, b, bias]: Tensor[]) =>
    matmul(a!, b!, { transposeA, transposeB, bias });

const misuses: Record<OpName, readonly Misuse[]> = {
  ...misusesOfTokens,
  ...misusesOfPretexts,
  ...misusesOfGeneration,
  add: [
    [
      [
        [2, 3],
        [3, 2],
      ],
      ([a, b]) => add(a!, b!),
    ],
    [[[6], [2, 3]], ([a, b]) => add(a!, b!)],
    [[[2], [2]], ([a, b]) => add(a!, b!), [1]],
  ],
  average_pool: [[[[2, 3]], ([x]) => averagePool(x!)]],
  average_pool_2d: [[[[2, 3]], averageWindows]],
  batch_norm: [
    [[[4, 3], [3], [3], [3], [4]], normalise],
    [[[4, 3], [3], [3], [3], [3], [4, 2]], normalise],
    // A single row has no variance.
    [[[1, 3], [3], [3], [3], [3]], normalise],
  ],
  conv2d: [
    [
      [
        [1, 8, 8, 5],
        [3, 3, 4, 7],
      ],
      convolve,
    ],
    [
      [
        [1, 8, 8, 4],
        [3, 1, 4, 7],
      ],
      convolve,
    ],
    [
      [
        [1, 2, 8, 4],
        [3, 3, 4, 7],
      ],
      convolve,
    ],
    [
      [
        [8, 8, 4],
        [3, 3, 4, 7],
      ],
      convolve,
    ],
  ],
  l2_normalize: [[[[2, 3, 4]], ([x]) => l2Normalize(x!)]],
  matmul: [
    [
      [
        [2, 3],
        [4, 5],
      ],
      product(false, false),
    ],
    [
      [
        [2, 3],
        [3, 5],
      ],
      product(true, false),
    ],
    [
      [
        [2, 3],
        [3, 5],
      ],
      product(false, true),
    ],
    [[[2, 3], [3, 5], [3]], product(false, false)],
    [[[3], [3, 5]], product(false, false)],
    [
      [
        [2, 3],
        [3, 5],
      ],
      product(false, false),
      [0],
    ],
  ],
  max_pool: [
    [[[1, 2, 8, 3]], pool],
    [[[8, 8, 3]], pool],
  ],
  nt_xent: [
    [[[5, 4]], ([x]) => ntXent(x!, { temperature: 0.5 })],
    [[[4, 4, 1]], ([x]) => ntXent(x!, { temperature: 0.5 })],
  ],
  relu: [[[[3]], ([x]) => relu(x!), [0]]],
  scale: [[[[3]], ([x]) => scale(x!, 2), [0]]],
  softmax_cross_entropy: [
    [[[4, 3], [5]], entropy, [1]],
    [[[4, 3], [4]], entropy],
    [[[4, 3], [4]], entropy, [0, 1]],
    [[[4], [4]], entropy, [1]],
  ],
  subsample_pad: [[[[2, 3]], subsample]],
  sup_con: [
    [[[4, 3], [5]], contrast, [1]],
    [[[4, 3], [4]], contrast],
    [
      [
        [4, 3],
        [4, 1],
      ],
      contrast,
      [1],
    ],
    [[[4], [4]], contrast, [1]],
  ],
};

for (const [name, list] of Object.entries(misuses)) {
  test(`${name} refuses what does not fit, naming itself and every tensor it got`, async () => {
    for (const [shapes, apply, integers = []] of list) {
      const types = shapes.map((_, i): DType => (integers.includes(i) ? 'u32' : 'f32'));
      const tensors = shapes.map((shape, i) => engine.input(shape, types[i]));
      const got = shapes.map((shape, i) => `[${shape.join(', ')}] ${types[i]}`).join(' and ');
      const record = () => {
        apply(tensors);
        return {};
      };
      const error = await engine.compile(record).then(
        () => new Error('accepted'),
        (reason: Error) => reason,
      );
      assert.instance(error, ShapeError, `${got}: ${error.message}`);
      assert.ok(error.message.startsWith(`${name}: got ${got}, but it takes `), error.message);
    }
  });
}

test.after(() => engine.destroy());
test.run();
