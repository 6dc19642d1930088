import { currentTape, type Op } from '../../autograd/tape.ts';
import { requireShapes, stopGradient, type Tensor } from '../../autograd/tensor.ts';
import { matmul } from '../../kernels/matmul.ts';
import {
  contrastWithMemory,
  joinPositive,
  type MemoryContrastShape,
  memoryMeans,
} from '../../kernels/pretext/memory_contrast.ts';
import { flag, positive, requireAttributes } from '../attributes.ts';
import type { LossWithMetrics } from '../softmax_cross_entropy.ts';

/** Settings of a contrast with a memory. */
export interface MemoryContrastAttributes {
  /** τ, which the cosine similarities are divided by; above 0. */
  readonly temperature: number;
  /** Whether each negative has a term of its own, as in PIRL; else the loss is InfoNCE, as in MoCo. */
  readonly negativeTerms: boolean;
}

/** What the gradient needs beside inputs and outputs. */
export interface MemoryContrastSaved {
  /** ∂l/∂ of the products with the memory, f32 [queries, rows]. */
  readonly weights: Tensor;
  /** By query, f32 [4, queries]. */
  readonly terms: Tensor;
}

/**
 * Queries [Q, D] against a positive each [Q, D] and a memory [K, D] that all share; u32 [Q] and [K] say which image a row
 * is of, where the query's own are to be left out. All rows of length one; positives and memory are constants.
 */
export const memoryContrastOp: Op<MemoryContrastAttributes, MemoryContrastSaved> = {
  name: 'memory_contrast',
  integers: [3, 4],
  infer(inputs, attributes) {
    requireAttributes('memory_contrast', attributes, { temperature: positive, negativeTerms: flag });
    const [queries, positives, memory, own, images] = inputs;
    const [count, columns] = queries!.shape;
    const matrices = queries!.shape.length === 2 && positives!.shape.join() === queries!.shape.join();
    const remembered = memory!.shape.length === 2 && memory!.shape[1] === columns;
    const told = !own || (own.shape.join() === `${count}` && images?.shape.join() === `${memory!.shape[0]}`);
    requireShapes(
      'memory_contrast',
      inputs,
      matrices && remembered && told,
      'queries [Q, D], positives [Q, D], a memory [K, D] and, where images are told, u32 [Q] and [K]',
    );
    return [
      { shape: [1], dtype: 'f32' },
      { shape: [2], dtype: 'f32' },
    ];
  },
  forward(run, inputs, [loss, metrics], attributes) {
    const [queries, positives, memory, own, images] = inputs as [Tensor, Tensor, Tensor, Tensor?, Tensor?];
    const shape = describe(inputs, attributes);
    const weights = run.temporary('products with the memory', [shape.queries, shape.rows]);
    const terms = run.temporary('contrast by query', [4, shape.queries]);
    const size = { m: shape.queries, n: shape.rows, k: shape.columns };
    // A short sum over D: not worth a split, whose parts would be as large again.
    const start = { a: 0, b: 0, c: 0 };
    const product = matmul(run, { ...size, transposeA: false, transposeB: true, start }).product;
    run.dispatch(product, { a: queries, b: memory, bias: memory, c: weights });
    // Where no images are told the kernel does not read these bindings, which then need some buffer to be valid.
    const told = { own: own ?? queries, images: images ?? queries };
    run.dispatch(contrastWithMemory(shape), { queries, positives, ...told, scores: weights, terms });
    run.dispatch(memoryMeans(shape), { query_terms: terms, loss: loss!, metrics: metrics! });
    return { weights, terms };
  },
  backward(run, { inputs, attributes, saved: { weights, terms } }, [dLoss], [dQueries]) {
    if (!dQueries || !dLoss) return;
    const [, positives, memory] = inputs as [Tensor, Tensor, Tensor];
    const shape = describe(inputs, attributes);
    const size = { m: shape.queries, n: shape.columns, k: shape.rows, transposeA: false, transposeB: false };
    const { slices, product, sum } = matmul(run, size);
    const partial = sum ? run.temporary('partial products', [slices, size.m, size.n]) : dQueries;
    run.dispatch(product, { a: weights, b: memory, bias: memory, c: partial });
    if (sum) run.dispatch(sum, { partial, total: dQueries });
    run.dispatch(joinPositive(shape), {
      ...{ query_terms: terms, positives },
      ...{ loss_gradient: dLoss, gradient: dQueries },
    });
  },
  // Logits reach 1/τ and their differences 2/τ, in f32: e^x is allowed 3 + 2·|x| ulp.
  tolerance: 2e-5,
};

function describe(
  [queries, , memory, own]: readonly Tensor[],
  { temperature, negativeTerms }: MemoryContrastAttributes,
): MemoryContrastShape {
  const [count, columns] = queries!.shape as [number, number];
  const rows = memory!.shape[0]!;
  return { queries: count, rows, columns, temperature, negativeTerms, exclude: own !== undefined };
}

/**
 * How well queries [Q, D] tell their positives [Q, D] from a memory's rows [K, D], all of length one: the mean of log(1 +
 * Σ e^{(q·m − q·p)/τ}) (InfoNCE), and with `negativeTerms` of PIRL's second sum too. No gradient goes to positives and
 * memory. Metrics [2]: how often the positive is nearer than all of the memory (of k rows that are equally near it counts
 * 1/k), its mean cosine. Chance, where all rows are alike: log(1 + K), with negative terms K·log(1 + 1/K) more.
 * @param images which image each query and each row of the memory is of, u32 [Q] and [K]: its own are left out
 * @throws ShapeError where the shapes do not fit; RangeError where the temperature is not above 0
 */
export function memoryContrast(
  queries: Tensor,
  positives: Tensor,
  memory: Tensor,
  options: { temperature: number; negativeTerms?: boolean },
  images?: { readonly own: Tensor; readonly memory: Tensor },
): LossWithMetrics {
  const { negativeTerms = false, ...others } = options;
  const constants = [positives, memory].map(stopGradient);
  const inputs = [queries, ...constants, ...(images ? [images.own, images.memory] : [])];
  const [loss, metrics] = currentTape().apply(memoryContrastOp, inputs, { negativeTerms, ...others });
  return { loss: loss!, metrics: metrics! };
}
