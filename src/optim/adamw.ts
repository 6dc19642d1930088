import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { currentTape } from '../autograd/tape.ts';
import { adamwUpdate } from '../kernels/optimizer.ts';
import { notNegative, positive, requireAttributes, shareBelowOne } from '../ops/attributes.ts';
import { type Optimizer, ParameterBlocks } from './optimizer.ts';

/** Settings of AdamW. */
export interface AdamWOptions {
  /** Decay of the first moments. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the second moments. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /** λ: weights that decay lose this share of themselves, times the learning rate, each step. */
  readonly weightDecay: number;
}

/**
 * AdamW (Loshchilov & Hutter 2019), the update of PyTorch's `torch.optim.AdamW`. Its count of steps, as the schedule's,
 * is the host's and takes in those that a loss scale skips: the few skips of a run's start, while the scale finds its
 * size, leave the moments divided by too much (ten of them halve the first moves), and later ones change nothing.
 * @throws RangeError for rates that are none
 */
export function adamW(engine: Engine, model: Parameters, options: AdamWOptions): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay } = options;
  const rules = { beta1: shareBelowOne, beta2: shareBelowOne, epsilon: positive, weightDecay: notNegative };
  requireAttributes('adamw', { beta1, beta2, epsilon, weightDecay }, rules);
  const blocks = new ParameterBlocks(engine, model);
  const [first, second] = [blocks.state(), blocks.state()];
  const scalars = blocks.input([3]);
  return {
    update(options) {
      const unscale = blocks.unscale(options);
      const { table, rates, gradients, values } = blocks;
      const launch = adamwUpdate(blocks.count, { beta1, beta2, epsilon, weightDecay });
      const moments = { first_moments: first, second_moments: second };
      currentTape().dispatch(launch, {
        table,
        scalars,
        rates,
        unscale,
        gradients,
        ...moments,
        weights: values,
      });
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
