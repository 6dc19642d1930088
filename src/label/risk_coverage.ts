/** What accepting every prediction of at least some confidence means. */
export interface RiskCoveragePoint {
  /** Least confidence accepted. */
  readonly threshold: number;
  /** Out-of-fold predictions accepted, and how many of them were wrong. */
  readonly accepted: number;
  readonly errors: number;
  /** Share of the out-of-fold predictions accepted; weighted where classes were. */
  readonly coverage: number;
  /** Error among the accepted; weighted where classes were. */
  readonly error: number;
  /** One-sided 95% upper bound (Clopper & Pearson 1934) of that error. */
  readonly bound: number;
  /** Unlabelled images that would be labelled, and those that would go to review. */
  readonly auto: number;
  readonly queued: number;
}

/** Selective prediction (Geifman & El-Yaniv 2017, arXiv 1705.08500) at the error that the user allows. */
export interface RiskCoverage {
  /** The largest error that the user allows among automatic labels, 0 … 1. */
  readonly target: number;
  /** The chosen point; null where no threshold keeps the bound under the target. */
  readonly chosen: RiskCoveragePoint | null;
  /** From the strictest to the most lenient threshold. */
  readonly points: readonly RiskCoveragePoint[];
}
