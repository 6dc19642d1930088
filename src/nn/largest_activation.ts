import { subsampledSide, windowsAlong } from '../ops/window.ts';
import { type Architecture, type Block, interpret, type Rules } from './architecture.ts';

/**
 * Numbers in the largest of one image's activations, its own pixels included: what a batch needs in one buffer is as
 * many of them.
 * @param side of the image, in pixels
 */
export function largestActivation({ blocks }: Architecture, side: number): number {
  return through(blocks, { channels: 3, side, largest: 3 * side ** 2 }).largest;
}

interface Extent {
  readonly channels: number;
  readonly side: number;
  /** Numbers in the largest activation so far. */
  readonly largest: number;
}

const through = (blocks: readonly Block[], input: Extent): Extent =>
  blocks.reduce((before, block) => interpret(rules, block, before), input);

const grown = ({ largest }: Extent, channels: number, side: number): Extent => ({
  channels,
  side,
  largest: Math.max(largest, channels * side ** 2),
});

/** What comes out of a block. */
const rules: Rules<Extent, Extent> = {
  convolution: (block, input) => grown(input, block.outputs, windowsAlong(input.side, block)),
  batchNorm: (_, input) => input,
  maxPool: (block, input) => grown(input, input.channels, windowsAlong(input.side, block)),
  averagePool: ({ kernel }, input) => grown(input, input.channels, subsampledSide(input.side, kernel)),
  globalAveragePool: (_, input) => grown(input, input.channels, 1),
  subsamplePad: ({ stride, before, after }, input) =>
    grown(input, before + input.channels + after, subsampledSide(input.side, stride)),
  residual: ({ path, shortcut }, input) => {
    const out = through(path, input);
    return { ...out, largest: Math.max(out.largest, through(shortcut, input).largest) };
  },
};
