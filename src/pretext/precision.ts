import { named, sentence, UserError } from '../errors.ts';
import type { Capabilities } from '../gpu/device.ts';

/**
 * What a training step stores images, activations and their gradients as. In `f16` (mixed precision, Micikevicius et
 * al. 2018, arXiv 1710.03740) they take half the memory and half the time to move; sums, statistics, the projection
 * head, the loss, weights and the optimizer's state stay f32, and a dynamic loss scale keeps small gradients. It pays
 * on graphics cards; software adapters, which convert each number with instructions of its own, gain no time by it.
 */
export const precisions = ['f32', 'f16'] as const;
/** What a pretext task stores its images, activations and their gradients as. */
export type Precision = (typeof precisions)[number];

/** @throws UserError where the adapter cannot store f16 */
export function requirePrecision(precision: Precision, { features, description }: Capabilities): void {
  if (precision === 'f32' || features.has('shader-f16')) return;
  throw new UserError(
    sentence`${named('precision', precision)} needs an adapter with shader-f16, which ${description} has not: leave ${named('precision')} out, or use another adapter (doctor lists what this one has)`,
  );
}
