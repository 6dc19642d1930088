import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { currentTape } from '../autograd/tape.ts';
import { sgdUpdate } from '../kernels/optimizer.ts';
import { type Optimizer, ParameterBlocks } from './optimizer.ts';

/** Momentum, weight decay, and whether the step takes Nesterov's look ahead (default no). */
export interface SgdOptions {
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov?: boolean;
}

/** Stochastic gradient descent with momentum, the update of PyTorch's `torch.optim.SGD` with dampening 0. */
export function sgd(engine: Engine, model: Parameters, options: SgdOptions): Optimizer {
  const { momentum, weightDecay, nesterov = false } = options;
  const blocks = new ParameterBlocks(engine, model);
  const momenta = blocks.state();
  const scalars = blocks.input([1]);
  return {
    update(options) {
      const unscale = blocks.unscale(options);
      const { table, gradients, values } = blocks;
      const launch = sgdUpdate(blocks.count, { momentum, weightDecay, nesterov });
      currentTape().dispatch(launch, { table, scalars, unscale, gradients, momenta, weights: values });
    },
    prepare(_step, learningRate) {
      engine.write(scalars, Float32Array.of(learningRate));
    },
    destroy: () => blocks.destroy(),
    state: new Map([['momenta', momenta]]),
  };
}
