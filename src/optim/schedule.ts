/** The course of a learning rate over a training. */
export interface Schedule {
  /** The learning rate behind the warm-up. */
  readonly peak: number;
  /** Steps in which it rises linearly. */
  readonly warmupSteps: number;
  /** All steps, those of the warm-up included. */
  readonly totalSteps: number;
  /** Learning rate that the cosine ends near. Default 0. */
  readonly final?: number;
}

/**
 * Learning rate of a step (from 0): linear warm-up to the peak, then half a cosine to the final value
 * (Loshchilov & Hutter 2017, arXiv 1608.03983).
 */
export function warmupCosine({ peak, warmupSteps, totalSteps, final = 0 }: Schedule, step: number): number {
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const progress = (step - warmupSteps) / (totalSteps - warmupSteps);
  return final + ((peak - final) * (1 + Math.cos(Math.PI * progress))) / 2;
}
