import type { Shape, Tensor } from '../../../src/autograd/tensor.ts';

/** Shapes of tensors that do not fit, `u32` behind those of that type, and the op over them. */
export type Misuse = readonly [
  inputs: readonly Shape[],
  apply: (tensors: Tensor[]) => void,
  integers?: readonly number[],
];
