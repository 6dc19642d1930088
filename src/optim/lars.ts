import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { currentTape } from '../autograd/tape.ts';
import { larsUpdate } from '../kernels/optimizer.ts';
import { type Optimizer, ParameterBlocks } from './optimizer.ts';

/** Momentum, weight decay λ and trust coefficient of LARS. */
export interface LarsOptions {
  readonly momentum: number;
  readonly weightDecay: number;
  /** κ of the trust ratio κ·‖w‖/‖g + λw‖. Default 0.001. */
  readonly trustCoefficient?: number;
}

/** LARS (You, Gitman & Ginsburg 2017) as SimCLR uses it: biases and normalisation without decay, at trust ratio 1. */
export function lars(engine: Engine, model: Parameters, options: LarsOptions): Optimizer {
  const { momentum, weightDecay, trustCoefficient = 1e-3 } = options;
  const blocks = new ParameterBlocks(engine, model);
  const momenta = blocks.state();
  const scalars = blocks.input([1]);
  return {
    update(options) {
      const unscale = blocks.unscale(options);
      const tape = currentTape();
      const { table, gradients, values, firstBlocks } = blocks;
      const squares = tape.temporary('lars norms', [blocks.count, 2]);
      const trust = tape.temporary('lars trust ratios', [blocks.parameters]);
      const launches = larsUpdate(blocks.count, blocks.parameters, {
        momentum,
        weightDecay,
        trustCoefficient,
      });
      tape.dispatch(launches.norms, { table, unscale, gradients, old_weights: values, squares });
      tape.dispatch(launches.trust, {
        table,
        first_blocks: firstBlocks,
        block_squares: squares,
        new_trust: trust,
      });
      const tensors = { table, scalars, unscale, trust, momenta, weights: values };
      tape.dispatch(launches.update, { ...tensors, gradient_quads: gradients });
    },
    prepare(_step, learningRate) {
      engine.write(scalars, Float32Array.of(learningRate));
    },
    destroy: () => blocks.destroy(),
    state: new Map([['momenta', momenta]]),
  };
}
