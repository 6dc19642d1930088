import { floatType, type Tensor } from '../autograd/tensor.ts';
import type { PoolShape } from '../kernels/pool.ts';

/** A square window that slides over an image, in convolution and pooling. */
export interface Window {
  /** Side of the window, in pixels. */
  readonly kernel: number;
  /** Pixels from one window to the next. */
  readonly stride: number;
  /** Pixels around each side of the image that windows may cover. */
  readonly pad: number;
}

/** How many windows fit along a side: ⌊(side + 2·pad − kernel)/stride⌋ + 1. */
export const windowsAlong = (side: number, { kernel, stride, pad }: Window): number =>
  Math.floor((side + 2 * pad - kernel) / stride) + 1;

/** Pixels along a side of which every `stride`-th is kept, from the first on: ⌈side/stride⌉. */
export const subsampledSide = (side: number, stride: number): number => Math.ceil(side / stride);

/** Sizes of a pool over images [N, H, W, C] to so many rows and columns of windows. */
export function poolShape(x: Tensor, window: Window, outHeight: number, outWidth: number): PoolShape {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  return { batch, height, width, channels, outHeight, outWidth, ...window, stored: floatType(x) };
}
