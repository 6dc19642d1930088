import type { Binding } from './shader.ts';

/** A compiled kernel with the layout that its WGSL declares. */
export interface Pipeline {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly bindings: readonly Binding[];
}
