/** A square window that slides over an image, in convolution and pooling. */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

/** How many windows fit along a side: ⌊(side + 2·pad − kernel)/stride⌋ + 1. */
export const windowsAlong = (side: number, { kernel, stride, pad }: Window): number =>
  Math.floor((side + 2 * pad - kernel) / stride) + 1;
