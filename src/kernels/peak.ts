import shader from '#shaders/peak.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';

const width = 64;
/** Multiply-adds of one invocation in one round. */
const perRound = 32;

/** Writes one number for each of `invocations`, a multiple of 64, behind `rounds` · 32 multiply-adds. */
export function multiplyAdd(invocations: number, rounds: number): { launch: Launch; flops: number } {
  // The factor keeps the chains bounded; neither number is known to the compiler.
  const params = { rounds, factor: 0.999, term: 0.001 };
  const launch: Launch = { shader, entry: 'multiply_add', params, grid: [invocations / width, 1, 1] };
  return { launch, flops: 2 * perRound * rounds * invocations };
}

/** Copies `vectors` of 16 bytes. */
export function copyThrough(vectors: number): { launch: Launch; bytes: number } {
  const params = { rounds: vectors, factor: 0, term: 0 };
  const grid = linearGrid(Math.ceil(vectors / width));
  return { launch: { shader, entry: 'copy_through', params, grid }, bytes: 32 * vectors };
}
