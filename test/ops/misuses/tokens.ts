import type { Tensor } from '../../../src/autograd/tensor.ts';
import { attention } from '../../../src/ops/vit/attention.ts';
import { dropPath } from '../../../src/ops/vit/drop_path.ts';
import { embedTokens } from '../../../src/ops/vit/embed_tokens.ts';
import { gelu } from '../../../src/ops/vit/gelu.ts';
import { layerNorm } from '../../../src/ops/vit/layer_norm.ts';
import { layerScale } from '../../../src/ops/vit/layer_scale.ts';
import { patches } from '../../../src/ops/vit/patches.ts';
import { tokenPool } from '../../../src/ops/vit/token_pool.ts';
import type { Misuse } from './misuse.ts';

const embed = ([x, positions, classToken, registers]: Tensor[]) =>
  embedTokens(x!, { positions: positions!, classToken: classToken!, registers });
const scaleBranch = ([x, branch, gamma]: Tensor[]) => layerScale(x!, branch!, gamma!);
const cut = ([x]: Tensor[]) => patches(x!, { patch: 4, channels: 3 });
const poolTokens =
  (classToken: boolean, mean: boolean) =>
  ([x]: Tensor[]) =>
    tokenPool(x!, { leading: 2, classToken, mean });

export const misusesOfTokens = {
  attention: [
    [[[2, 3]], ([qkv]) => attention(qkv!, { heads: 1 })],
    // Heads of two channels.
    [[[2, 3, 12]], ([qkv]) => attention(qkv!, { heads: 2 })],
  ],
  drop_path: [[[[4], [2]], ([x, counter]) => dropPath(x!, counter!, { rate: 0.5, branch: 0 }), [1]]],
  embed_tokens: [
    // More positions than tokens, fewer than patches; a class token of two rows.
    [
      [
        [2, 3, 4],
        [5, 4],
        [1, 4],
      ],
      embed,
    ],
    [
      [
        [2, 3, 4],
        [2, 4],
        [1, 4],
      ],
      embed,
    ],
    [
      [
        [2, 3, 4],
        [3, 4],
        [2, 4],
      ],
      embed,
    ],
    [
      [
        [2, 3, 4],
        [3, 4],
        [1, 4],
        [1, 5],
      ],
      embed,
    ],
  ],
  gelu: [[[[3]], ([x]) => gelu(x!), [0]]],
  layer_norm: [
    [[[4, 3], [3], [4]], ([x, gamma, beta]) => layerNorm(x!, { gamma: gamma!, beta: beta! })],
    [[[4, 3], [3, 1], [3]], ([x, gamma, beta]) => layerNorm(x!, { gamma: gamma!, beta: beta! })],
  ],
  layer_scale: [
    [[[2, 3], [2, 4], [3]], scaleBranch],
    [[[2, 3], [2, 3], [2]], scaleBranch],
  ],
  patches: [
    [[[1, 8, 10, 3]], cut],
    [[[1, 8, 8, 2]], cut],
    [[[8, 8, 3]], cut],
  ],
  token_pool: [
    [[[2, 2, 4]], poolTokens(true, true)],
    [[[2, 3, 4]], poolTokens(false, false)],
    [[[2, 3]], poolTokens(true, false)],
  ],
} as const satisfies Record<string, readonly Misuse[]>;
