import type { Constants, Shader } from './shader.ts';

/**
 * One kernel call without its buffers: which entry of which shader, specialised how, with which uniform, over how many
 * workgroups. A family in `src/kernels` makes these; an op binds buffers to them by their WGSL names.
 */
export interface Launch {
  /** The WGSL file. */
  readonly shader: Shader;
  /** The entry point's name in it. */
  readonly entry: string;
  /** Values for module constants, and types for aliases, in place of those that the file has. */
  readonly constants?: Constants;
  /** Fields of the shader's `params` uniform. */
  readonly params?: Readonly<Record<string, number>>;
  /** Workgroups along x, y, z. */
  readonly grid: readonly [number, number, number];
}

/** Most workgroups that WebGPU guarantees along one axis. */
const gridLimit = 65535;

/** Lays `count` workgroups along x, and along y where they are more than WebGPU guarantees for one axis. */
export function linearGrid(count: number): [number, number, number] {
  if (count <= gridLimit) return [count, 1, 1];
  const rows = Math.ceil(count / gridLimit);
  return [Math.ceil(count / rows), rows, 1];
}
