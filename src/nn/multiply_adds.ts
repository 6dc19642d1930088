import { subsampledSide, windowsAlong } from '../ops/window.ts';
import { type Architecture, type Block, interpret, type Rules } from './architecture.ts';

/**
 * Multiply-adds of one image's forward pass: those of convolutions, linear layers and attention, which are nearly all.
 * @param side of the image, in pixels
 */
export function multiplyAdds({ blocks }: Architecture, side: number): number {
  return countAll(blocks, side).total;
}

interface Count {
  readonly total: number;
  /** Side of what comes out, in pixels; of tokens, their number. */
  readonly side: number;
}

function countAll(blocks: readonly Block[], side: number): Count {
  return blocks.reduce<Count>(
    (before, block) => {
      const own = interpret(rules, block, before.side);
      return { total: before.total + own.total, side: own.side };
    },
    { total: 0, side },
  );
}

/** What a block costs at the side of its input. */
const rules: Rules<number, Count> = {
  convolution: (block, side) => {
    const out = windowsAlong(side, block);
    return { total: out ** 2 * block.kernel ** 2 * block.inputs * block.outputs, side: out };
  },
  batchNorm: (_, side) => ({ total: 0, side }),
  maxPool: (block, side) => ({ total: 0, side: windowsAlong(side, block) }),
  averagePool: ({ kernel }, side) => ({ total: 0, side: subsampledSide(side, kernel) }),
  globalAveragePool: () => ({ total: 0, side: 1 }),
  subsamplePad: ({ stride }, side) => ({ total: 0, side: subsampledSide(side, stride) }),
  residual: ({ path, shortcut }, side) => {
    const through = countAll(path, side);
    return { total: through.total + countAll(shortcut, side).total, side: through.side };
  },
  patchTokens: ({ patch, registers, channels }, side) => {
    const patches = Math.floor(side / patch) ** 2;
    return { total: patches * 3 * patch ** 2 * channels, side: 1 + registers + patches };
  },
  layerNorm: (_, tokens) => ({ total: 0, side: tokens }),
  linear: ({ inputs, outputs }, tokens) => ({ total: tokens * inputs * outputs, side: tokens }),
  gelu: (_, tokens) => ({ total: 0, side: tokens }),
  selfAttention: ({ channels }, tokens) => ({ total: 2 * tokens ** 2 * channels, side: tokens }),
  branch: ({ path }, tokens) => countAll(path, tokens),
  tokenPool: () => ({ total: 0, side: 1 }),
};
