import shader from '#shaders/peak.wgsl';
import halfShader from '#shaders/peak_f16.wgsl';
import type { Capabilities } from '../gpu/device.ts';
import { type Launch, linearGrid } from '../gpu/launch.ts';
import type { FloatType } from '../gpu/shader.ts';

const width = 64;
/** Independent chains of multiply-adds of one invocation. */
const chains = 20;
/**
 * Multiply-adds of each chain in one round, in f32. On SwiftShader a round itself costs as much as dozens of them; on
 * llvmpipe 16 in place of 8 are slower by a fifth.
 */
const repeats = { llvmpipe: 8, swiftshader: 32, gpu: 8 } as const;
/** Numbers of a chain in f16. */
const halves = 4;
/** Vectors that one invocation copies. */
const perCopy = 16;

/**
 * Writes one number for each of `invocations`, a multiple of 64, behind `count` multiply-adds, rounded to whole rounds.
 * @param precision `f16` needs the feature `shader-f16`
 * @returns the kernel, and its floating-point operations, two a multiply-add
 */
export function multiplyAdd(
  { driver }: Capabilities,
  invocations: number,
  count: number,
  precision: FloatType = 'f32',
): { launch: Launch; flops: number } {
  const isHalf = precision === 'f16';
  const constants = { CHAINS: chains, ...(!isHalf && { REPEATS: repeats[driver] }) };
  const perRound = chains * (isHalf ? halves : repeats[driver]);
  const rounds = Math.ceil(count / perRound);
  // The factor keeps the chains bounded; neither number is known to the compiler.
  const params = { rounds, factor: 0.999, term: 0.001 };
  const grid = [invocations / width, 1, 1] as const;
  const launch = { shader: isHalf ? halfShader : shader, entry: 'multiply_add', constants, params, grid };
  return { launch, flops: 2 * perRound * rounds * invocations };
}

/** Copies `vectors` of 16 bytes. @returns the kernel, and the bytes that it reads and writes */
export function copyThrough(vectors: number): { launch: Launch; bytes: number } {
  const params = { rounds: vectors, factor: 0, term: 0 };
  const grid = linearGrid(Math.ceil(vectors / (width * perCopy)));
  return { launch: { shader, entry: 'copy_through', params, grid }, bytes: 32 * vectors };
}
