import type { Tensor } from '../autograd/tensor.ts';
import { add } from '../ops/add.ts';
import { ntXent } from '../ops/nt_xent.ts';
import { scale } from '../ops/scale.ts';
import type { LossWithMetrics } from '../ops/softmax_cross_entropy.ts';
import { supCon } from '../ops/sup_con.ts';

/**
 * What a pretext run learns from: `simclr`, two views of each image (Chen et al. 2020, arXiv 2002.05709); `supcon`, views
 * of the labelled images of one class (Khosla et al. 2020, arXiv 2004.11362); `mixed`, SimCLR on all images with the
 * SupCon term on the labelled ones of each batch.
 */
export const pretextMethods = ['simclr', 'supcon', 'mixed'] as const;
/** A pretext method by the name that settings have for it. */
export type PretextMethod = (typeof pretextMethods)[number];

/** As people write them. */
export const methodNames: Readonly<Record<PretextMethod, string>> = {
  simclr: 'SimCLR',
  supcon: 'SupCon',
  mixed: 'SimCLR + SupCon',
};

export const learnsFromLabels = (method: PretextMethod): boolean => method !== 'simclr';

export interface PretextLossOptions {
  readonly method: PretextMethod;
  readonly temperature: number;
  /** Weight of the SupCon term in `mixed`. */
  readonly labelledWeight: number;
}

/**
 * The loss of a batch's projections [2N, D], first views before second ones.
 * @param labels u32 [2N], `unlabelled` where not known; `simclr` reads none
 * @returns the loss, and metrics [contrastive top-1, mean positive similarity] of NT-Xent, or of SupCon in `supcon`
 */
export function pretextLoss(
  projections: Tensor,
  labels: Tensor,
  { method, temperature, labelledWeight }: PretextLossOptions,
): LossWithMetrics {
  if (method === 'supcon') return supCon(projections, labels, { temperature });
  const all = ntXent(projections, { temperature });
  if (method === 'simclr') return all;
  const labelled = supCon(projections, labels, { temperature });
  return { loss: add(all.loss, scale(labelled.loss, labelledWeight)), metrics: all.metrics };
}

/**
 * What the loss of a batch is for views that tell nothing, and after a collapse: log(2·batch − 1) for either term, since
 * both have all other views in their denominators.
 */
export function chanceLoss(
  { method, labelledWeight }: Pick<PretextLossOptions, 'method' | 'labelledWeight'>,
  batch: number,
): number {
  return (method === 'mixed' ? 1 + labelledWeight : 1) * Math.log(2 * batch - 1);
}
