import type { Binding } from './shader.ts';

/** A compiled kernel with the layout that its WGSL declares. */
export interface Pipeline {
  /** `shader.entry`, for error messages and profiles. */
  readonly label: string;
  /** The compiled kernel. */
  readonly pipeline: GPUComputePipeline;
  /** The layout of its one bind group. */
  readonly layout: GPUBindGroupLayout;
  /** The buffers that the entry point uses. */
  readonly bindings: readonly Binding[];
}
