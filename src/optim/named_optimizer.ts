import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { adamW } from './adamw.ts';
import { lars } from './lars.ts';
import type { Optimizer } from './optimizer.ts';
import { sgd } from './sgd.ts';

/** The optimizers by name. */
export const optimizerNames = ['sgd', 'lars', 'adamw'] as const;

/** An optimizer as settings name it. */
export interface OptimizerOptions {
  /** Which one. */
  readonly name: (typeof optimizerNames)[number];
  /** Share of the momenta that each step of SGD or LARS keeps; AdamW has none. */
  readonly momentum: number;
  /** λ of those parameters that decay. */
  readonly weightDecay: number;
}

/** The optimizer that an option names. */
export function createOptimizer(engine: Engine, model: Parameters, options: OptimizerOptions): Optimizer {
  const { name, momentum, weightDecay } = options;
  if (name === 'adamw') return adamW(engine, model, { weightDecay });
  return (name === 'lars' ? lars : sgd)(engine, model, { momentum, weightDecay });
}
