import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { currentTape } from '../autograd/tape.ts';
import { larsUpdate } from '../kernels/optimizer.ts';
import { notNegative, positive, requireAttributes, share } from '../ops/attributes.ts';
import { momentumOptimizer, type Optimizer } from './optimizer.ts';

/** Settings of LARS. */
export interface LarsOptions {
  /** μ: the share of the momenta that each step keeps. */
  readonly momentum: number;
  /** λ, added to the gradient times the weights that decay. */
  readonly weightDecay: number;
  /** κ of the trust ratio κ·‖w‖/‖g + λw‖. Default 0.001. */
  readonly trustCoefficient?: number;
}

/**
 * LARS (You, Gitman & Ginsburg 2017) as SimCLR uses it: biases and normalisation without decay, at trust ratio 1.
 * @throws RangeError for rates that are none
 */
export function lars(engine: Engine, model: Parameters, options: LarsOptions): Optimizer {
  const { momentum, weightDecay, trustCoefficient = 1e-3 } = options;
  const rules = { momentum: share, weightDecay: notNegative, trustCoefficient: positive };
  requireAttributes('lars', { momentum, weightDecay, trustCoefficient }, rules);
  return momentumOptimizer(engine, model, ({ blocks, momenta, scalars, unscale }) => {
    const tape = currentTape();
    const { table, rates: shares, gradients, values, firstBlocks } = blocks;
    const squares = tape.temporary('lars norms', [blocks.count, 2]);
    const trust = tape.temporary('lars trust ratios', [blocks.parameters]);
    const rates = { momentum, weightDecay, trustCoefficient };
    const { norms, trust: ratios, update } = larsUpdate(blocks.count, blocks.parameters, rates);
    tape.dispatch(norms, { table, unscale, gradients, old_weights: values, squares });
    tape.dispatch(ratios, { table, first_blocks: firstBlocks, block_squares: squares, new_trust: trust });
    const tensors = { table, scalars, rates: shares, unscale, trust, momenta, weights: values };
    tape.dispatch(update, { ...tensors, gradient_quads: gradients });
  });
}
