import { apply, type Op, type Run } from '../autograd/tape.ts';
import { requireShapes, type Tensor } from '../autograd/tensor.ts';
import { columnSum } from '../kernels/column_sum.ts';
import { type MatmulShape, matmul as matmulKernel } from '../kernels/matmul.ts';
import { flag, requireAttributes } from './attributes.ts';

/** The forms in which the operands are stored. */
export interface MatmulAttributes {
  /** A is given as [K][M]. */
  readonly transposeA: boolean;
  /** B is given as [N][K]. */
  readonly transposeB: boolean;
}

/** C = op(A) · op(B) (+ bias): dA = dC · op(B)ᵀ, dB = op(A)ᵀ · dC, dbias = Σ rows of dC, each in its stored form. */
export const matmulOp: Op<MatmulAttributes, undefined> = {
  name: 'matmul',
  infer(inputs, attributes) {
    requireAttributes('matmul', attributes, { transposeA: flag, transposeB: flag });
    const { transposeA, transposeB } = attributes;
    const [a, b, bias] = inputs;
    // Axes before the last one are rows.
    const outer = transposeA ? a!.shape.slice(1) : a!.shape.slice(0, -1);
    const k = transposeA ? a!.shape[0] : a!.shape.at(-1);
    const [k2, n] = transposeB ? b!.shape.toReversed() : b!.shape;
    const isMatrix = a!.shape.length === 2 || (a!.shape.length > 2 && !transposeA);
    const fits = isMatrix && b!.shape.length === 2 && k === k2;
    const biasFits = !bias || (bias.shape.length === 1 && bias.shape[0] === n);
    const forms = `${transposeA ? '[K, M]' : '[..., K]'} and ${transposeB ? '[N, K]' : '[K, N]'}`;
    requireShapes('matmul', inputs, fits && biasFits, `${forms}${bias ? ' and a bias [N]' : ''}`);
    return [{ shape: [...outer, n!], dtype: 'f32' }];
  },
  forward(run, [a, b, bias], [c], { transposeA, transposeB }) {
    const { m, n, k } = sizesOf(a!, c!);
    multiply(run, { m, n, k, transposeA, transposeB, bias: bias !== undefined }, a!, b!, c!, bias);
    return undefined;
  },
  backward(run, { inputs: [a, b], attributes: { transposeA, transposeB } }, [dC], [dA, dB, dBias]) {
    const { m, n, k } = sizesOf(a!, dC!);
    if (dA && transposeA)
      multiply(run, { m: k, n: m, k: n, transposeA: transposeB, transposeB: true }, b!, dC!, dA);
    else if (dA) multiply(run, { m, n: k, k: n, transposeA: false, transposeB: !transposeB }, dC!, b!, dA);
    if (dB && transposeB)
      multiply(run, { m: n, n: k, k: m, transposeA: true, transposeB: transposeA }, dC!, a!, dB);
    else if (dB) multiply(run, { m: k, n, k: m, transposeA: !transposeA, transposeB: false }, a!, dC!, dB);
    if (dBias) {
      const { blocks, partial, total } = columnSum(m, n);
      const parts = run.temporary('bias partial sums', [blocks, n]);
      run.dispatch(partial, { x: dC!, partial: parts });
      run.dispatch(total, { partial: parts, total: dBias });
    }
  },
  // A sum of K products of order one, in f32.
  tolerance: 1e-5,
};

function sizesOf(a: Tensor, c: Tensor): { m: number; n: number; k: number } {
  const n = c.shape.at(-1)!;
  const m = c.size / n;
  return { m, n, k: a.size / m };
}

function multiply(run: Run, shape: MatmulShape, a: Tensor, b: Tensor, c: Tensor, bias?: Tensor): void {
  const { slices, product, sum } = matmulKernel(run, shape);
  // Where there is no bias the kernel does not read its binding, which then needs some buffer to be valid.
  if (!sum) {
    run.dispatch(product, { a, b, c, bias: bias ?? b });
    return;
  }
  const partial = run.temporary('partial products', [slices, shape.m, shape.n]);
  run.dispatch(product, { a, b, c: partial, bias: b });
  run.dispatch(sum, { partial, total: c });
}

/**
 * Matrix product of a [M, K] and b [K, N], or of their transposed forms; a bias [N] is added to every row. Rows of `a` may
 * lie along several axes: [..., K] gives [..., N].
 * @throws ShapeError where the shapes do not fit
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  options: { transposeA?: boolean; transposeB?: boolean; bias?: Tensor | undefined } = {},
): Tensor {
  const { transposeA = false, transposeB = false, bias, ...others } = options;
  return apply(matmulOp, bias ? [a, b, bias] : [a, b], { transposeA, transposeB, ...others });
}
