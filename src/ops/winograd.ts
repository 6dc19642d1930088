import type { Run } from '../autograd/tape.ts';
import type { Tensor } from '../autograd/tensor.ts';
import type { Conv2dShape } from '../kernels/conv2d/shape.ts';
import { matmul } from '../kernels/matmul.ts';
import {
  type AfterTiles,
  gradientProduct,
  partSizes,
  transformGradient,
  transformInput,
  transformOutput,
  transformTurnedWeights,
  transformWeightSums,
  transformWeights,
  turnedShape,
  winogradParts,
  winogradProduct,
  winogradWeights,
} from '../kernels/winograd.ts';

// 3×3 convolutions by Winograd's F(4×4, 3×3): a quarter of the multiply-adds, between transforms whose factors of up to 8
// make the rounding errors about three times those of direct sums (measured over a ResNet-18: 8e-7 of the largest feature
// from float64, 3e-7 directly). A batch goes part by part, so that transformed images stay in a processor's caches.

/** What a convolution over tiles reads and writes. */
export interface TileOperands {
  readonly x: Tensor;
  /** [36, Cin, Cout]: transformed weights. */
  readonly transformed: Tensor;
  readonly y: Tensor;
  /** [Cout]; read where asked for. */
  readonly bias?: Tensor;
  /** Of the shape of y; read where asked for. */
  readonly residual?: Tensor;
}

/** Records y = relu(x ∗ w + bias + residual), of which `after` says what is there. */
export function convolutionOverTiles(
  run: Run,
  shape: Conv2dShape,
  { x, transformed, y, bias, residual }: TileOperands,
  after: AfterTiles = {},
): void {
  const parts = winogradParts(shape);
  const sizes = partSizes(shape, parts[0]!);
  const tiles = run.temporary('transformed tiles', [sizes.tile]);
  const sums = run.temporary('transformed sums', [sizes.sum]);
  for (const part of parts) {
    run.dispatch(transformInput(shape, part), { x, new_tile: tiles });
    const { product } = matmul(run, winogradProduct(shape, part));
    // What a kernel does not read needs some buffer to be valid.
    run.dispatch(product, { a: tiles, b: transformed, c: sums, bias: transformed });
    const others = { bias: bias ?? sums, residual: residual ?? sums };
    run.dispatch(transformOutput(shape, part, after), { tile_sum: sums, y, ...others });
  }
}

/** Records y = x ∗ w of a program that trains, whose weights are transformed at each step. */
export function winogradForward(run: Run, shape: Conv2dShape, x: Tensor, weight: Tensor, y: Tensor): void {
  const transformed = run.temporary('transformed weights', [winogradWeights(shape)]);
  run.dispatch(transformWeights(shape), { weight, new_weight: transformed });
  convolutionOverTiles(run, shape, { x, transformed, y });
}

/** Records dx, the convolution of dy by the weights turned round. @param accumulate add to dx */
export function winogradInputGradient(
  run: Run,
  shape: Conv2dShape,
  { dy, weight, dx }: { readonly dy: Tensor; readonly weight: Tensor; readonly dx: Tensor },
  accumulate: boolean,
): void {
  const turned = turnedShape(shape);
  const transformed = run.temporary('transformed weights', [winogradWeights(shape)]);
  run.dispatch(transformTurnedWeights(turned), { turned: weight, new_weight: transformed });
  convolutionOverTiles(run, turned, { x: dy, transformed, y: dx }, { accumulate });
}

/** Records dw: the products of transformed images and gradients, summed over the tiles of all parts in their order. */
export function winogradWeightGradient(
  run: Run,
  shape: Conv2dShape,
  { x, dy, dw }: { readonly x: Tensor; readonly dy: Tensor; readonly dw: Tensor },
): void {
  const parts = winogradParts(shape);
  const sizes = partSizes(shape, parts[0]!);
  const tiles = run.temporary('transformed tiles', [sizes.tile]);
  const gradients = run.temporary('gradients of transformed sums', [sizes.sum]);
  const sums = run.temporary('gradient of transformed weights', [winogradWeights(shape)]);
  for (const part of parts) {
    run.dispatch(transformInput(shape, part), { x, new_tile: tiles });
    run.dispatch(transformGradient(shape, part), { dy, tile_gradient: gradients });
    const { product } = matmul(run, gradientProduct(shape, part));
    run.dispatch(product, { a: tiles, b: gradients, c: sums, bias: gradients });
  }
  run.dispatch(transformWeightSums(shape), { weight_sum: sums, dw });
}
