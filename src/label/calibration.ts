/** One bin of a reliability diagram: predictions whose confidence lies in [low, high). */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Means over the bin; 0 where it is empty. */
  readonly confidence: number;
  readonly accuracy: number;
}

/** How far stated confidence and reached accuracy lie apart. */
export interface Reliability {
  /** Expected calibration error: Σ count/N · |accuracy − confidence|. */
  readonly expectedError: number;
  /** Mean −log probability of the truth. */
  readonly logLoss: number;
  readonly bins: readonly ReliabilityBin[];
}

/** Out-of-fold reliability with the logits as they are, and divided by the temperature that fits best. */
export interface Calibration {
  readonly temperature: number;
  readonly before: Reliability;
  readonly after: Reliability;
}
