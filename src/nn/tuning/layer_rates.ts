/** Blocks of vision transformers and of ResNets, by the names of their tensors. */
const block = /^(?:blocks\.\d+|layer\d+\.\d+)\./;

/** How far each tensor of an encoder is from the classifier. */
export interface LayerDistances {
  /** Blocks of the encoder. */
  readonly blocks: number;
  /** Steps from the classifier: 0 of a norm behind all blocks, 1 of the last block, and so on to what comes before the first. */
  readonly of: (name: string) => number;
}

/** The distances of tensors from the classifier. @param names in the order in which data meets them, but for those outside blocks */
export function layerDistances(names: Iterable<string>): LayerDistances {
  const numbers = new Map<string, number>();
  for (const name of names) {
    const own = block.exec(name)?.[0];
    if (own !== undefined && !numbers.has(own)) numbers.set(own, numbers.size);
  }
  const blocks = numbers.size;
  return {
    blocks,
    of(name) {
      const own = block.exec(name)?.[0];
      if (own !== undefined) return blocks - (numbers.get(own) ?? 0);
      return /^(?:norm|fc_norm)\./.test(name) ? 0 : blocks + 1;
    },
  };
}
