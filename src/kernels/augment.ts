import drawShader from '#shaders/augment/draws.wgsl';
import blurShader from '#shaders/augment/gaussian_blur.wgsl';
import shader from '#shaders/augment/views.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';
import type { FloatType } from '../gpu/shader.ts';

/** How views are made from images. Absent parts are null or have probability 0. */
export interface AugmentationPolicy {
  /** As settings and files call it: `simclr-cifar`. */
  readonly name: string;
  /** A random box of the image: range of its share of the image's area, range of width / height. */
  readonly crop: { readonly scale: Range; readonly ratio: Range } | null;
  /** Probability of a horizontal flip. */
  readonly flip: number;
  /**
   * Colour changes in random order: brightness, contrast and saturation times a factor from [max(0, 1 − a), 1 + a],
   * hue shifted by up to ±a turns.
   */
  readonly jitter: {
    readonly probability: number;
    readonly brightness: number;
    readonly contrast: number;
    readonly saturation: number;
    readonly hue: number;
  } | null;
  /** Probability of losing all colour. */
  readonly greyscale: number;
  /** Gaussian blur: range of σ in output pixels, and the kernel's width as a fraction of the output's side. */
  readonly blur: { readonly probability: number; readonly sigma: Range; readonly kernel: number } | null;
}

/** Bounds, both inclusive. */
export type Range = readonly [low: number, high: number];

/** Sizes of one augmented batch. */
export interface ViewShape {
  /** Images of a batch. */
  readonly batch: number;
  /** Views an image. */
  readonly views: number;
  /** Side of the square source images. */
  readonly sourceSize: number;
  /** Side of the square views. */
  readonly imageSize: number;
  /** What the views are stored as. */
  readonly stored: FloatType;
}

/** Values become (value / 255 − mean) / std: one number for all channels, or one each of red, green and blue. */
export interface Normalisation {
  /** What is subtracted from values in 0 … 1. */
  readonly mean: number | Rgb;
  /** What the differences are divided by. */
  readonly std: number | Rgb;
}

/** One number for each colour channel. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** A value for each channel. */
export const perChannel = (value: number | Rgb): Rgb =>
  typeof value === 'number' ? [value, value, value] : value;

/** vec4s that describe how one view is drawn. */
export const drawVectors = 4;

const total = ({ batch, views }: ViewShape): number => batch * views;

/** draws[views·B][4][4] from indices[B] and counter[seed, step]. */
export function drawViews(shape: ViewShape, policy: AugmentationPolicy): Launch {
  const { crop, jitter, blur } = policy;
  const [scaleLow, scaleHigh] = crop?.scale ?? [1, 1];
  const [ratioLow, ratioHigh] = crop?.ratio ?? [1, 1];
  const [sigmaLow, sigmaHigh] = blur?.sigma ?? [1, 1];
  const params = {
    batch: shape.batch,
    views: total(shape),
    source_size: shape.sourceSize,
    crop: crop ? 1 : 0,
    scale_low: scaleLow,
    scale_high: scaleHigh,
    log_ratio_low: Math.log(ratioLow),
    log_ratio_high: Math.log(ratioHigh),
    flip: policy.flip,
    jitter: jitter?.probability ?? 0,
    greyscale: policy.greyscale,
    blur: blur?.probability ?? 0,
    brightness: jitter?.brightness ?? 0,
    contrast: jitter?.contrast ?? 0,
    saturation: jitter?.saturation ?? 0,
    hue: jitter?.hue ?? 0,
    sigma_low: sigmaLow,
    sigma_high: sigmaHigh,
  };
  return { shader: drawShader, entry: 'draw', params, grid: linearGrid(Math.ceil(total(shape) / 64)) };
}

/** A lane does about 16 pixels: enough to share what a view has in common, few enough to fill a graphics card. */
const pixelsOfWorkgroup = 64 * 16;

/** Workgroups that share one view. */
export const slicesOfView = (imageSize: number): number => Math.ceil(imageSize ** 2 / pixelsOfWorkgroup);

function pass(entry: 'crop' | 'colour', shape: ViewShape, { mean, std }: Normalisation): Launch {
  const slices = slicesOfView(shape.imageSize);
  const { batch, sourceSize, imageSize } = shape;
  const [meanRed, meanGreen, meanBlue] = perChannel(mean);
  const [stdRed, stdGreen, stdBlue] = perChannel(std);
  const params = {
    batch,
    views: total(shape),
    source_size: sourceSize,
    image_size: imageSize,
    slices,
    ...{ mean_red: meanRed, mean_green: meanGreen, mean_blue: meanBlue },
    ...{ deviation_red: stdRed, deviation_green: stdGreen, deviation_blue: stdBlue },
  };
  const constants = { Stored: shape.stored };
  return { shader, entry, constants, params, grid: linearGrid(total(shape) * slices) };
}

/** y[views·B][S][S][4] from the images: whole views, or up to contrast's turn where the draws say jitter. */
export const cropViews = (shape: ViewShape, scale: Normalisation): Launch => pass('crop', shape, scale);

/** Finishes the jittered views in y. */
export const colourViews = (shape: ViewShape, scale: Normalisation): Launch => pass('colour', shape, scale);

/** The blur's reach in pixels: its kernel is 2·radius + 1 wide, at least 3, and narrower than the reflected border. */
export function blurRadius(imageSize: number, kernel: number): number {
  return Math.min(Math.max(1, Math.floor(Math.floor(kernel * imageSize) / 2)), imageSize - 1);
}

/** y = x blurred along one axis, in the views whose draws say so. */
export function blurViews(shape: ViewShape, radius: number, axis: 'rows' | 'columns'): Launch {
  const params = { views: total(shape), image_size: shape.imageSize, radius, axis: axis === 'rows' ? 0 : 1 };
  const count = total(shape) * shape.imageSize ** 2;
  const constants = { Stored: shape.stored };
  return { shader: blurShader, entry: 'blur', constants, params, grid: linearGrid(Math.ceil(count / 64)) };
}
