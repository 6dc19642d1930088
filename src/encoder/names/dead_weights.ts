import { quote } from '../../formats/quote.ts';
import type { Refuse } from '../../nn/family.ts';
import type { FoundTensor } from './found.ts';

/**
 * Refuses encoders whose features cannot depend on the image: only zeros in the first convolution, or in most of them, as
 * in a file whose bytes never arrived.
 * @param tensors of the encoder, whole and finite
 */
export function refuseDeadWeights(tensors: ReadonlyMap<string, FoundTensor>, refuse: Refuse): void {
  // Of a vision transformer the map of the patches, without which no pixel counts.
  const convolutions = [...tensors].filter(([, { shape }]) => shape.length === 4);
  const zero = convolutions.filter(([, { data }]) => !data.some((value) => Number(value) !== 0));
  const [first] = zero;
  if (first && (first[0].startsWith('conv1.') || 2 * zero.length > convolutions.length)) {
    refuse(
      `has only zeros in ${quote(first[1].from)} (${zero.length} of its ${convolutions.length} convolutions are zero)`,
    );
  }
}

/** Whether all norms still have the statistics that they are made with: mean 0, variance 1. */
export function neverTrained(tensors: ReadonlyMap<string, FoundTensor>): boolean {
  if (![...tensors.keys()].some((name) => name.endsWith('.running_var'))) return false;
  const fresh = (end: string, value: number) =>
    [...tensors].every(
      ([name, { data }]) => !name.endsWith(end) || !data.some((each) => Number(each) !== value),
    );
  return fresh('.running_mean', 0) && fresh('.running_var', 1);
}
