import type { Tensor } from '../../../src/autograd/tensor.ts';
import { conv2dTranspose } from '../../../src/ops/generative/conv2d_transpose.ts';
import { gatherTokens } from '../../../src/ops/generative/gather_tokens.ts';
import { maskedError } from '../../../src/ops/generative/masked_error.ts';
import { scatterTokens } from '../../../src/ops/generative/scatter_tokens.ts';
import { upsample } from '../../../src/ops/generative/upsample.ts';
import type { Misuse } from './misuse.ts';

const gather = ([x, order, ranks]: Tensor[]) =>
  gatherTokens(x!, { order: order!, ranks: ranks!, visible: 2 }, 1);
const scatter = ([x, order, ranks, maskToken, positions]: Tensor[]) =>
  scatterTokens(
    x!,
    { order: order!, ranks: ranks!, visible: 2 },
    { maskToken: maskToken!, positions: positions! },
  );
const compare = ([p, t, ranks]: Tensor[]) =>
  maskedError(p!, t!, { mask: ranks && { ranks, order: ranks, visible: 3 } });
const transpose =
  (outputPad: number) =>
  ([x, weight]: Tensor[]) =>
    conv2dTranspose(x!, weight!, { stride: 2, pad: 1, outputPad });

export const misusesOfGeneration = {
  conv2d_transpose: [
    // Weights of other channels; rows that a further window would fit into; padding that leaves nothing.
    [
      [
        [1, 4, 4, 5],
        [3, 3, 5, 4],
      ],
      transpose(1),
    ],
    [
      [
        [1, 4, 4, 5],
        [3, 3, 4, 5],
      ],
      transpose(2),
    ],
    [
      [
        [1, 1, 1, 5],
        [2, 2, 4, 5],
      ],
      transpose(0),
    ],
  ],
  gather_tokens: [
    [
      [
        [2, 5, 4],
        [2, 5],
        [2, 5],
      ],
      gather,
      [1, 2],
    ],
    [
      [
        [2, 2, 4],
        [2, 1],
        [2, 1],
      ],
      gather,
      [1, 2],
    ],
    [
      [
        [2, 6, 4],
        [2, 5],
        [2, 4],
      ],
      gather,
      [1, 2],
    ],
  ],
  masked_error: [
    [
      [
        [2, 4, 3],
        [2, 4, 2],
      ],
      compare,
    ],
    [
      [
        [2, 4, 3],
        [2, 4, 3],
        [2, 5],
      ],
      compare,
      [2],
    ],
    // Nothing is hidden.
    [
      [
        [2, 3, 3],
        [2, 3, 3],
        [2, 3],
      ],
      compare,
      [2],
    ],
  ],
  scatter_tokens: [
    [[[2, 3, 4], [2, 5], [2, 5], [3], [6, 4]], scatter, [1, 2]],
    [[[2, 3, 4], [2, 5], [2, 5], [4], [5, 4]], scatter, [1, 2]],
    [[[2, 3, 4], [3, 5], [3, 5], [4], [6, 4]], scatter, [1, 2]],
  ],
  upsample: [[[[2, 3, 4]], ([x]) => upsample(x!, { factor: 2 })]],
} as const satisfies Record<string, readonly Misuse[]>;
