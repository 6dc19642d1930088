/** Learning rate over a run: peak, and the steps of warm-up and of the whole. */
export interface Schedule {
  readonly peak: number;
  readonly warmupSteps: number;
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
