import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import {
  type AttentionShape,
  attentionGradient,
  attention as attentionKernel,
} from '../../kernels/vit/attention.ts';
import { requireAttributes, whole } from '../attributes.ts';

/** Settings of a self-attention. */
export interface AttentionAttributes {
  /** Heads, into which the channels are dealt. */
  readonly heads: number;
}

/**
 * y = softmax(q·kᵀ/√D)·v for each head (Vaswani et al. 2017, arXiv 1706.03762), by blocks of keys, so that memory grows with
 * the tokens, not with their square.
 */
export const attentionOp: Op<AttentionAttributes, Tensor> = {
  name: 'attention',
  infer(inputs, attributes) {
    requireAttributes('attention', attributes, { heads: whole(1) });
    const [qkv] = inputs;
    const [images, tokens, channels] = qkv!.shape;
    const fits = qkv!.shape.length === 3 && channels! % (3 * 4 * attributes.heads) === 0;
    requireShapes(
      'attention',
      inputs,
      fits,
      `qkv [images, tokens, 3·C] of ${attributes.heads} heads, each a whole number of four channels`,
    );
    return [{ shape: [images!, tokens!, channels! / 3], dtype: 'f32' }];
  },
  forward(run, [qkv], [y], attributes) {
    const shape = describe(qkv!, attributes);
    const logSums = run.temporary('log-sum-exp of queries', [shape.images, shape.heads, shape.tokens]);
    run.dispatch(attentionKernel(run.capabilities, shape), { qkv: qkv!, y: y!, new_log_sums: logSums });
    return logSums;
  },
  backward(run, { inputs: [qkv], outputs: [y], attributes, saved: logSums }, [dy], [dQkv]) {
    if (!dQkv) return;
    const shape = describe(qkv!, attributes);
    const { products, queries, keys } = attentionGradient(run.capabilities, shape);
    const along = run.temporary('dy·y of queries', logSums.shape);
    run.dispatch(products, { y: y!, dy: dy!, new_products: along });
    const tensors = { qkv: qkv!, dy: dy!, log_sums: logSums, products: along, gradient: dQkv };
    run.dispatch(queries, tensors);
    run.dispatch(keys, tensors);
  },
  // Sums of D products, an exponential of a few ulp, and sums over the tokens.
  tolerance: 2e-5,
};

function describe({ shape }: Tensor, { heads }: AttentionAttributes): AttentionShape {
  const [images, tokens, channels] = shape as [number, number, number];
  return { images, tokens, heads, headSize: channels / 3 / heads };
}

/**
 * Self-attention of qkv [images, tokens, 3·C]: rows hold queries, keys and values of all heads, one behind another, as a
 * linear layer of 3·C outputs gives them. Every token sees every other of its image.
 * @returns [images, tokens, C]
 * @throws ShapeError where C is no whole number of heads of a multiple of four channels
 */
export function attention(qkv: Tensor, attributes: AttentionAttributes): Tensor {
  return apply(attentionOp, [qkv], attributes);
}
