import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { currentTape } from '../autograd/tape.ts';
import { adamwUpdate } from '../kernels/optimizer.ts';
import { type Optimizer, ParameterBlocks } from './optimizer.ts';

/**
 * Decay rates of the two moments (default 0.9 and 0.999), the term that keeps the divisor from zero (default 1e-8),
 * and the decoupled weight decay.
 */
export interface AdamWOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay: number;
}

/**
 * AdamW (Loshchilov & Hutter 2019), the update of PyTorch's `torch.optim.AdamW`. Its count of steps, as the schedule's,
 * is the host's and takes in those that a loss scale skips: the few skips of a run's start, while the scale finds its
 * size, leave the moments divided by too much (ten of them halve the first moves), and later ones change nothing.
 */
export function adamW(engine: Engine, model: Parameters, options: AdamWOptions): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay } = options;
  const blocks = new ParameterBlocks(engine, model);
  const [first, second] = [blocks.state(), blocks.state()];
  const scalars = blocks.input([3]);
  return {
    update(options) {
      const unscale = blocks.unscale(options);
      const { table, gradients, values } = blocks;
      const launch = adamwUpdate(blocks.count, { beta1, beta2, epsilon, weightDecay });
      const moments = { first_moments: first, second_moments: second };
      currentTape().dispatch(launch, { table, scalars, unscale, gradients, ...moments, weights: values });
    },
    prepare(step, learningRate) {
      engine.write(scalars, Float32Array.of(learningRate, 1 - beta1 ** (step + 1), 1 - beta2 ** (step + 1)));
    },
    destroy: () => blocks.destroy(),
    state: new Map([
      ['first_moments', first],
      ['second_moments', second],
    ]),
  };
}
