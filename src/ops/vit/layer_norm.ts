import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { sumParts } from '../../kernels/reduce.ts';
import {
  layerNormInputGradient,
  layerNorm as layerNormKernel,
  layerNormParameterSums,
} from '../../kernels/vit/layer_norm.ts';
import { positive, requireAttributes } from '../attributes.ts';

/** Settings of a layer normalisation. */
export interface LayerNormAttributes {
  /** Added to the variance. */
  readonly epsilon: number;
}

/** What vision transformers add to a variance; PyTorch's own default is 1e-5. */
export const layerNormEpsilon = 1e-6;

/** y = γ·(x − μ)/√(variance + ε) + β over the last axis (Ba et al. 2016, arXiv 1607.06450). */
export const layerNormOp: Op<LayerNormAttributes, Tensor> = {
  name: 'layer_norm',
  infer(inputs, attributes) {
    requireAttributes('layer_norm', attributes, { epsilon: positive });
    const [x, gamma, beta] = inputs;
    const channels = x!.shape.at(-1);
    const fits = [gamma, beta].every((t) => t!.shape.length === 1 && t!.shape[0] === channels);
    requireShapes('layer_norm', inputs, fits, 'x [..., C], γ and β [C]');
    return [{ shape: x!.shape, dtype: 'f32' }];
  },
  forward(run, [x, gamma, beta], [y], { epsilon }) {
    const rows = rowsOf(x!);
    const statistics = run.temporary('statistics of rows', [rows.rows, 2]);
    const tensors = { x: x!, gamma: gamma!, beta: beta!, y: y!, new_statistics: statistics };
    run.dispatch(layerNormKernel(run.capabilities, rows, epsilon), tensors);
    return statistics;
  },
  backward(run, { inputs: [x, gamma], saved: statistics }, [dy], [dx, dGamma, dBeta]) {
    const rows = rowsOf(x!);
    if (dx)
      run.dispatch(layerNormInputGradient(run.capabilities, rows), {
        x: x!,
        gamma: gamma!,
        dy: dy!,
        statistics,
        dx,
      });
    if (!dGamma && !dBeta) return;
    const { blocks, partial } = layerNormParameterSums(run.capabilities, rows);
    const parts = () => run.temporary('partial γ, β gradients', [blocks, rows.channels]);
    const [betaParts, gammaParts] = [parts(), parts()];
    run.dispatch(partial, { x: x!, dy: dy!, statistics, beta_parts: betaParts, gamma_parts: gammaParts });
    const total = sumParts(blocks, rows.channels);
    if (dBeta) run.dispatch(total, { partial: betaParts, total: dBeta });
    if (dGamma) run.dispatch(total, { partial: gammaParts, total: dGamma });
  },
  // Two passes of f32 sums over the channels, and a difference of nearly equal terms in dx.
  tolerance: 2e-5,
};

function rowsOf(x: Tensor) {
  const channels = x.shape.at(-1)!;
  return { rows: x.size / channels, channels };
}

/**
 * Normalises each row of x [..., C] to mean 0 and variance 1, then γ [C] · it + β [C].
 * @throws ShapeError where the shapes do not fit; RangeError where ε is not above 0
 */
export function layerNorm(
  x: Tensor,
  { gamma, beta }: { readonly gamma: Tensor; readonly beta: Tensor },
  options: Partial<LayerNormAttributes> = {},
): Tensor {
  return apply(layerNormOp, [x, gamma, beta], { epsilon: layerNormEpsilon, ...options });
}
