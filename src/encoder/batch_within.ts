import { architectureOf, type EncoderOptions } from '../nn/family_registry.ts';
import { largestActivation } from '../nn/largest_activation.ts';

/**
 * Images that pass through an encoder at once: as many as wanted, fewer where an activation of theirs would not fit a
 * buffer, one at least.
 * @param largestBuffer bytes
 * @param side of what the encoder sees, in pixels
 */
export function batchWithin(
  largestBuffer: number,
  encoder: EncoderOptions,
  side: number,
  wanted: number,
): number {
  const bytes = Float32Array.BYTES_PER_ELEMENT * largestActivation(architectureOf(encoder), side);
  return Math.max(1, Math.min(wanted, Math.floor(largestBuffer / bytes)));
}
