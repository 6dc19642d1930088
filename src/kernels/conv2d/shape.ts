import type { Launch } from '../../gpu/launch.ts';
import type { FloatType } from '../../gpu/shader.ts';
import { roughly } from '../tuning/variant.ts';
import type { Epilogue } from './epilogue.ts';

/** A square convolution of N×H×W×Cin to N×OH×OW×Cout. */
export interface Conv2dShape {
  /** N: images. */
  readonly batch: number;
  /** H: rows of an image. */
  readonly height: number;
  /** W: columns of an image. */
  readonly width: number;
  /** Cin: channels of the input that have weights. */
  readonly channels: number;
  /** Elements from one pixel of the input to the next: `channels`, or more where pixels are padded. */
  readonly pitch: number;
  /** OH: rows of the result. */
  readonly outHeight: number;
  /** OW: columns of the result. */
  readonly outWidth: number;
  /** Cout: channels of the result. */
  readonly outChannels: number;
  /** K: side of the window, in pixels. */
  readonly kernel: number;
  /** Pixels from one window to the next. */
  readonly stride: number;
  /** Zeros on each side of the image. */
  readonly pad: number;
  /** What images and their gradients are stored as; weights and their gradients are f32. */
  readonly stored: FloatType;
}

/**
 * A class of shapes, `3x3/1 16>32 64x8x8`: kernel, stride, channels, then images × rows × columns of the result to
 * powers of two. Choices are stored by it.
 */
export function className(shape: Conv2dShape): string {
  const { batch, channels, pitch, outHeight, outWidth, outChannels, kernel, stride, stored } = shape;
  const inputs = pitch === channels ? `${channels}` : `${channels}of${pitch}`;
  const places = [batch, outHeight, outWidth].map(roughly).join('x');
  const half = stored === 'f16' ? ' f16' : '';
  return `${kernel}x${kernel}/${stride} ${inputs}>${outChannels} ${places}${half}`;
}

/** Multiply-adds of the convolution, and of either gradient. */
export function multiplyAdds({
  batch,
  outHeight,
  outWidth,
  outChannels,
  kernel,
  channels,
}: Conv2dShape): number {
  return batch * outHeight * outWidth * outChannels * kernel ** 2 * channels;
}

/** Elements of the images, the weights and the result. */
export function sizes(shape: Conv2dShape): { x: number; weight: number; y: number } {
  const { batch, height, width, channels, pitch, outHeight, outWidth, outChannels, kernel } = shape;
  return {
    x: batch * height * width * pitch,
    weight: kernel ** 2 * channels * outChannels,
    y: batch * outHeight * outWidth * outChannels,
  };
}

/** Which of a convolution's buffers are f16. @param images WGSL names of those that hold images or their gradients */
export const halvesOf = ({ stored }: Conv2dShape, images: readonly string[]): readonly string[] =>
  stored === 'f16' ? images : [];

/** Whether all given numbers of channels are whole vec4. */
export const areWhole = (...channels: readonly number[]): boolean =>
  channels.every((count) => count % 4 === 0);

/**
 * Phases of an input gradient, whose pixels see the same taps: a workgroup computes pixels of one. Where a 1×1
 * convolution with a stride has left pixels out, there is nothing to add to them: only its first phase has taps.
 */
export const phasesOf = ({ kernel, pad, stride }: Conv2dShape, accumulate: boolean): number =>
  accumulate && kernel === 1 && pad === 0 ? 1 : stride * stride;

/** Pixels of the largest phase of so many images. */
export const phasePixels = ({ height, width, stride }: Conv2dShape, images: number): number =>
  images * Math.ceil(height / stride) * Math.ceil(width / stride);

/** What a kernel that makes both passes is to make: the convolution, or dx, which it may add to what dx holds. */
export interface Pass {
  /** The gradient by the input, from dy to dx; else the convolution, from x to y. */
  readonly gradient: boolean;
  /** Add to what dx holds, where the gradient is made. */
  readonly accumulate: boolean;
  /** What follows the convolution. */
  readonly epilogue?: Epilogue | undefined;
}

/**
 * The grid of a kernel that makes the convolution or the gradient by its input.
 * @param rows pixels of the result that a workgroup makes
 * @param columns channels of the result that a workgroup makes
 */
export function passGrid(shape: Conv2dShape, pass: Pass, rows: number, columns: number): Launch['grid'] {
  const { batch, outHeight, outWidth, channels, outChannels } = shape;
  if (!pass.gradient)
    return [Math.ceil((batch * outHeight * outWidth) / rows), Math.ceil(outChannels / columns), 1];
  const pixels = phasePixels(shape, batch);
  return [Math.ceil(pixels / rows), Math.ceil(channels / columns), phasesOf(shape, pass.accumulate)];
}

/** The `params` of kernels that count the input's pitch and the output's channels in vec4f. */
export function vectors(shape: Conv2dShape): Record<string, number> {
  return { ...uniform(shape), pitch: shape.pitch / 4, out_channels: shape.outChannels / 4 };
}

/** The `params` of kernels that count pixels and channels one by one. */
export function uniform(shape: Conv2dShape): Record<string, number> {
  const { batch, height, width, channels, pitch, outHeight, outWidth, outChannels, kernel, stride, pad } =
    shape;
  const out = { out_height: outHeight, out_width: outWidth, out_channels: outChannels };
  return { batch, height, width, channels, pitch, ...out, kernel, stride, pad };
}
