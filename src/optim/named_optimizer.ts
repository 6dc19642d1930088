import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { adamW } from './adamw.ts';
import { lars } from './lars.ts';
import type { Optimizer } from './optimizer.ts';
import { sgd } from './sgd.ts';

export const optimizerNames = ['sgd', 'lars', 'adamw'] as const;

/** An optimizer by its name, with what these have in common; other values are its defaults. */
export interface OptimizerOptions {
  readonly name: (typeof optimizerNames)[number];
  /** Of SGD and LARS. */
  readonly momentum: number;
  readonly weightDecay: number;
}

/** The optimizer that an option names. */
export function createOptimizer(engine: Engine, model: Parameters, options: OptimizerOptions): Optimizer {
  const { name, momentum, weightDecay } = options;
  if (name === 'adamw') return adamW(engine, model, { weightDecay });
  return (name === 'lars' ? lars : sgd)(engine, model, { momentum, weightDecay });
}
