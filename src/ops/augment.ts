import type { Engine } from '../autograd/engine.ts';
import { currentTape } from '../autograd/tape.ts';
import { requireShapes, type Tensor } from '../autograd/tensor.ts';
import {
  type AugmentationPolicy,
  blurRadius,
  blurViews,
  colourViews,
  cropViews,
  drawVectors,
  drawViews,
  type Normalisation,
  perChannel,
  type Rgb,
  slicesOfView,
  type ViewShape,
} from '../kernels/augment.ts';
import { finite, positive, requireAttributes, whole, wholeWithin } from './attributes.ts';

export { type AugmentationPolicy, type Normalisation, perChannel, type Rgb };

/** How a batch of views is made. */
export interface AugmentOptions {
  /** What is drawn at random, and from which ranges. */
  readonly policy: AugmentationPolicy;
  /** Side of the source images, in pixels. */
  readonly sourceSize: number;
  /** Side of the views, in pixels. */
  readonly imageSize: number;
  /** Views of each image. Default 1. */
  readonly views?: 1 | 2;
  /** What is subtracted from pixels in [0, 1] and what divides them. Default `pixelScale`. */
  readonly normalise?: Normalisation;
  /** What the views are stored as. Default f32. */
  readonly dtype?: 'f32' | 'f16';
}

/**
 * Brings bytes to about zero mean and unit variance: natural images have a mean near 0.47 and a deviation near 0.25.
 */
export const pixelScale = { mean: 0.5, std: 0.25 } as const satisfies Normalisation;

/** What torchvision's ImageNet weights were trained on. */
export const imagenetScale = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const satisfies Normalisation;

/**
 * Bytes as u32, four in each, the last one filled up with zeros; copied only where they are not aligned.
 * @param pixels RGB bytes
 */
export function pixelWords(pixels: Uint8Array): Uint32Array {
  const words = Math.ceil(pixels.length / 4);
  if (pixels.byteOffset % 4 === 0 && pixels.length % 4 === 0)
    return new Uint32Array(pixels.buffer, pixels.byteOffset, words);
  const padded = new Uint8Array(4 * words);
  padded.set(pixels);
  return new Uint32Array(padded.buffer);
}

/**
 * Puts images on the GPU as `augment` takes them: N·H·W·3 bytes, four in each u32.
 * @throws UserError where the adapter allows no buffer of that size
 */
export function uploadImages(engine: Engine, pixels: Uint8Array): Tensor {
  const words = pixelWords(pixels);
  return engine.input([words.length], 'u32', words);
}

/**
 * Records the making of augmented views. Not differentiable: the pixels are data.
 *
 * In order, as torchvision: RandomResizedCrop (antialiased bilinear), horizontal flip, ColorJitter, greyscale, Gaussian
 * blur; then every channel becomes (value − mean) / std. Every random choice is a function of (seed, step, image, view)
 * alone, so any step can be made again, in any batch and on any machine. Without crop (policy `none`) it is a plain
 * resize, and for equal sizes the very pixels.
 * @param images u32: RGB bytes of N square images, as `uploadImages` lays them
 * @param indices u32 [B]: which images, each below N
 * @param counter u32 [2]: seed and step, which the host writes before each run
 * @returns [views·B, S, S, 4] of `dtype`, all first views and then all second ones; channels red, green, blue and 0,
 *   because convolutions load four channels at once
 * @throws ShapeError where a tensor has another shape or type
 */
export function augment(images: Tensor, indices: Tensor, counter: Tensor, options: AugmentOptions): Tensor {
  return renderViews(images, indices, drawChoices(indices, counter, options), options);
}

/**
 * Records the random choices that views are made by.
 * @param indices u32 [B]: numbers of the images, which their choices follow
 * @param counter u32 [2]: seed and step, which the host writes before each run
 * @returns f32 [views·B, 16]: crop left, top, width, height in source pixels; factors of brightness, contrast and
 *   saturation, hue shift in turns; the order of the four as numbers 0–3; flip, jitter, greyscale (0 or 1), blur's σ
 *   (0: none)
 * @throws ShapeError where indices or counter have another shape or type
 */
export function drawChoices(indices: Tensor, counter: Tensor, options: AugmentOptions): Tensor {
  const fits =
    indices.dtype === 'u32' && indices.shape.length === 1 && counter.dtype === 'u32' && counter.size === 2;
  requireShapes(
    'augment',
    [indices, counter],
    fits,
    'indices [B] u32 and a counter [2] u32 of seed and step',
  );
  const tape = currentTape();
  const shape = shapeOf(indices, options);
  const draws = tape.temporary('augmentation draws', [shape.batch * shape.views, 4 * drawVectors]);
  tape.dispatch(drawViews(shape, options.policy), { indices, counter, draws });
  return draws;
}

/**
 * Records that the choices of the first images are drawn anew, by another policy or counter.
 * @param draws f32 [more, 16], as `drawChoices` returns it for one view of each image
 * @param indices u32 [B]: the first images
 */
export function redrawFirst(draws: Tensor, indices: Tensor, counter: Tensor, options: AugmentOptions): void {
  currentTape().dispatch(drawViews(shapeOf(indices, options), options.policy), { indices, counter, draws });
}

/**
 * Records the making of views by given choices.
 * @param images u32: RGB bytes of N square images, as `uploadImages` lays them
 * @param indices u32 [B]: which images, each below N
 * @param draws f32 [views·B, 16], as `drawChoices` returns it
 * @returns [views·B, S, S, 4] of `dtype`: channels red, green, blue and 0
 * @throws ShapeError where the images do not hold one
 */
export function renderViews(images: Tensor, indices: Tensor, draws: Tensor, options: AugmentOptions): Tensor {
  const { sourceSize, imageSize, policy, normalise = pixelScale } = options;
  const words = Math.ceil((3 * sourceSize ** 2) / 4);
  const holdsOne = images.dtype === 'u32' && images.size >= words;
  requireShapes(
    'augment',
    [images],
    holdsOne,
    `${sourceSize}×${sourceSize} RGB images as u32, ${words} or more`,
  );
  const tape = currentTape();
  const shape = shapeOf(indices, options);
  const count = shape.batch * shape.views;
  const y = tape.temporary('augment', [count, imageSize, imageSize, 4], shape.stored);
  const greySums = tape.temporary('grey sums', [count, slicesOfView(imageSize)]);
  tape.dispatch(cropViews(shape, normalise), { images, indices, draws, y, grey_sums: greySums });
  if (policy.jitter) tape.dispatch(colourViews(shape, normalise), { draws, y, grey_sums: greySums });
  const radius = policy.blur ? blurRadius(imageSize, policy.blur.kernel) : 0;
  if (radius > 0) {
    // Normalised values may be blurred as well as pixels: the weights sum to 1.
    const blurred = tape.temporary('blurred rows', y.shape, shape.stored);
    tape.dispatch(blurViews(shape, radius, 'rows'), { draws, x: y, y: blurred });
    tape.dispatch(blurViews(shape, radius, 'columns'), { draws, x: blurred, y });
  }
  return y;
}

function shapeOf(
  indices: Tensor,
  { views = 1, sourceSize, imageSize, normalise = pixelScale, dtype: stored = 'f32' }: AugmentOptions,
): ViewShape {
  const side = whole(1);
  const sizes = { views: wholeWithin(1, 2), sourceSize: side, imageSize: side };
  requireAttributes('augment', { views, sourceSize, imageSize }, sizes);
  const [means, deviations] = [perChannel(normalise.mean), perChannel(normalise.std)];
  for (const mean of means) requireAttributes('augment', { mean }, { mean: finite });
  for (const std of deviations) requireAttributes('augment', { std }, { std: positive });
  return { batch: indices.size, views, sourceSize, imageSize, stored };
}
