import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { currentTape } from '../autograd/tape.ts';
import { sgdUpdate } from '../kernels/optimizer.ts';
import { flag, notNegative, requireAttributes, share } from '../ops/attributes.ts';
import { momentumOptimizer, type Optimizer } from './optimizer.ts';

/** Settings of stochastic gradient descent. */
export interface SgdOptions {
  /** μ: the share of the momenta that each step keeps. */
  readonly momentum: number;
  /** λ, added to the gradient times the weights that decay. */
  readonly weightDecay: number;
  /** Steps along the gradient and the momentum that it leads to. Default false. */
  readonly nesterov?: boolean;
}

/** Stochastic gradient descent with momentum, the update of PyTorch's `torch.optim.SGD` with dampening 0. @throws RangeError for rates that are none */
export function sgd(engine: Engine, model: Parameters, options: SgdOptions): Optimizer {
  const { momentum, weightDecay, nesterov = false } = options;
  const rules = { momentum: share, weightDecay: notNegative, nesterov: flag };
  requireAttributes('sgd', { momentum, weightDecay, nesterov }, rules);
  return momentumOptimizer(engine, model, ({ blocks, momenta, scalars, unscale }) => {
    const { table, rates, gradients, values } = blocks;
    const launch = sgdUpdate(blocks.count, { momentum, weightDecay, nesterov });
    currentTape().dispatch(launch, { table, scalars, rates, unscale, gradients, momenta, weights: values });
  });
}
