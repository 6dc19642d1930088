import shader from '#shaders/peak.wgsl';
import halfShader from '#shaders/peak_f16.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';

const width = 64;
/** Multiply-adds of one invocation in one round. */
const perRound = 32;
/** Vectors that one invocation copies. */
const perCopy = 16;

/**
 * Writes one number for each of `invocations`, a multiple of 64, behind `rounds` · 32 multiply-adds.
 * @param precision `f16` needs the feature `shader-f16`
 */
export function multiplyAdd(
  invocations: number,
  rounds: number,
  precision: 'f32' | 'f16' = 'f32',
): { launch: Launch; flops: number } {
  // The factor keeps the chains bounded; neither number is known to the compiler.
  const params = { rounds, factor: 0.999, term: 0.001 };
  const grid = [invocations / width, 1, 1] as const;
  const launch = { shader: precision === 'f16' ? halfShader : shader, entry: 'multiply_add', params, grid };
  return { launch, flops: 2 * perRound * rounds * invocations };
}

/** Copies `vectors` of 16 bytes. */
export function copyThrough(vectors: number): { launch: Launch; bytes: number } {
  const params = { rounds: vectors, factor: 0, term: 0 };
  const grid = linearGrid(Math.ceil(vectors / (width * perCopy)));
  return { launch: { shader, entry: 'copy_through', params, grid }, bytes: 32 * vectors };
}
