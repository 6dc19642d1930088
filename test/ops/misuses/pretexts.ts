import type { Tensor } from '../../../src/autograd/tensor.ts';
import { barlowTwins } from '../../../src/ops/pretext/barlow.ts';
import { dcl } from '../../../src/ops/pretext/dcl.ts';
import { memoryContrast } from '../../../src/ops/pretext/memory_contrast.ts';
import { negativeCosine } from '../../../src/ops/pretext/negative_cosine.ts';
import { frozenFor } from '../../../src/ops/pretext/prototypes.ts';
import { sideBySide } from '../../../src/ops/pretext/side_by_side.ts';
import { swappedPrediction } from '../../../src/ops/pretext/swav.ts';
import { vicreg } from '../../../src/ops/pretext/vicreg.ts';
import type { Misuse } from './misuse.ts';

const predict = ([p, t]: Tensor[]) => negativeCosine(p!, t!);
const remembered = ([q, p, m, own, images]: Tensor[]) =>
  memoryContrast(q!, p!, m!, { temperature: 0.5 }, own && { own, memory: images! });

export const misusesOfPretexts = {
  dcl: [
    [[[3, 4]], ([views]) => dcl(views!, { temperature: 0.5 })],
    // A pair alone has no other image.
    [[[2, 4]], ([views]) => dcl(views!, { temperature: 0.5 })],
  ],
  memory_contrast: [
    [
      [
        [3, 4],
        [2, 4],
        [5, 4],
      ],
      remembered,
    ],
    [
      [
        [3, 4],
        [3, 4],
        [5, 3],
      ],
      remembered,
    ],
    [[[3, 4], [3, 4], [5, 4], [3], [4]], remembered, [3, 4]],
  ],
  negative_cosine: [
    [
      [
        [4, 3],
        [4, 2],
      ],
      predict,
    ],
    [
      [
        [3, 4],
        [3, 4],
      ],
      predict,
    ],
  ],
  side_by_side: [[[[5, 3]], ([x]) => sideBySide(x!, 2)]],
  barlow_twins: [
    [[[3, 4]], ([x]) => barlowTwins(x!)],
    // A single image has no variance.
    [[[2, 4]], ([x]) => barlowTwins(x!)],
  ],
  frozen_for: [[[[3, 4], [3]], ([x, counter]) => frozenFor(x!, counter!, 2), [1]]],
  swapped_prediction: [
    [
      [
        [3, 4],
        [3, 4],
      ],
      ([scores, codes]) => swappedPrediction(scores!, codes!, { temperature: 0.1 }),
    ],
    [
      [
        [4, 3],
        [4, 2],
      ],
      ([scores, codes]) => swappedPrediction(scores!, codes!, { temperature: 0.1 }),
    ],
  ],
  vicreg: [
    [[[3, 4]], ([x]) => vicreg(x!)],
    // A single image has no variance.
    [[[2, 4]], ([x]) => vicreg(x!)],
  ],
} as const satisfies Record<string, readonly Misuse[]>;
