import type { Adapter } from '../layers.ts';

/** Names of an adapter's two matrices, of a linear layer. */
export const adapterNames = (layer: string) => [`${layer}.lora_A`, `${layer}.lora_B`] as const;

/** Whether a tensor is of an adapter. */
export const isOfAdapter = (name: string): boolean => /\.lora_[AB]$/.test(name);

/**
 * Weights as they are without adapters: W + factor·A·B in place of W (Hu et al. 2021, arXiv 2106.09685), summed in
 * float64.
 * @param tensors in the engine's layout, by name; those of adapters are left out of the result
 */
export function mergeAdapters(
  tensors: ReadonlyMap<string, Float32Array>,
  { rank, factor }: Adapter,
): Map<string, Float32Array> {
  const merged = new Map([...tensors].filter(([name]) => !isOfAdapter(name)));
  for (const [name, weight] of merged) {
    const [nameOfA, nameOfB] = adapterNames(name.replace(/\.weight$/, ''));
    const [a, b] = [tensors.get(nameOfA), tensors.get(nameOfB)];
    if (!a || !b || !name.endsWith('.weight')) continue;
    const outputs = b.length / rank;
    merged.set(
      name,
      weight.map((value, i) => {
        const [row, column] = [Math.floor(i / outputs), i % outputs];
        let sum = 0;
        for (let r = 0; r < rank; r++) sum += a[row * rank + r]! * b[r * outputs + column]!;
        return value + factor * sum;
      }),
    );
  }
  return merged;
}
