import type { ClassifierNetworkOptions } from '../../classifier/network.ts';
import type { EncoderOptions } from '../../nn/family_registry.ts';
import type { Tuning } from '../../nn/tuning/tuning.ts';

/** How encoders are trained further, as far as the user says it. */
export interface FineTuning {
  /** What learns of a vision transformer. */
  readonly part: Tuning['part'];
  /** What the rate is multiplied by from each block to the one before it. */
  readonly layerDecay?: number | undefined;
  /** How often branches of a vision transformer's last block are left out. */
  readonly dropPath?: number | undefined;
}

/** How a network's weights move. */
export type Rates = Omit<ClassifierNetworkOptions, 'encoder'> & {
  /** Of the head, at its peak. */
  readonly learningRate: number;
};

const sgd = { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 } as const;
const adamw = { name: 'adamw', momentum: 0.9, weightDecay: 0.05 } as const;

/**
 * Rates of trainings on labels: of the head, and the encoder's share of it. Of ResNets they were chosen on CIFAR-10 with 25
 * labels a class: from scratch among .05, .1 and .2, from SimCLR among rates of .01 to .05 and shares of .1 to 1; a
 * pretrained encoder moves more slowly than its head (Howard & Ruder 2018, arXiv 1801.06146).
 */
export function scratchRates({ family }: EncoderOptions): Rates {
  return family === 'vit'
    ? { learningRate: 1e-3, encoderRate: 1, optimizer: adamw }
    : { learningRate: 0.1, encoderRate: 1, optimizer: sgd };
}

/**
 * Rates of an encoder that has learned something. Those of vision transformers are the usual ones: AdamW, and layers that
 * move less the further they are from the head (Bao et al. 2021, arXiv 2106.08254); adapters at a higher rate than weights
 * (Hu et al. 2021, arXiv 2106.09685).
 */
export function pretrainedRates(
  { family }: EncoderOptions,
  { part, layerDecay, dropPath }: FineTuning,
): Rates {
  if (family !== 'vit') {
    const tuning = layerDecay !== undefined && { tuning: { part: 'whole', layerDecay } as const };
    return { learningRate: 0.02, encoderRate: 0.5, optimizer: sgd, ...tuning };
  }
  const hasAdapters = typeof part === 'object' && 'rank' in part;
  return {
    learningRate: 1e-3,
    encoderRate: hasAdapters ? 1 : 0.1,
    optimizer: adamw,
    tuning: { part, layerDecay: layerDecay ?? 0.75, dropPath: dropPath ?? (hasAdapters ? 0 : 0.1) },
  };
}
