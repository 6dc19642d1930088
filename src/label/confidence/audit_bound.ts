import { binomialBound } from '../../numerics/binomial_bound.ts';
import type { AuditResult } from '../report/report.ts';
import { acceptedByThreshold, chooseThreshold } from './threshold_rule.ts';

/** An automatic label, drawn at random among them all, that a person has checked. */
export interface AuditedLabel {
  /** The automatic label's confidence, as the run gave it. */
  readonly confidence: number;
  /** Whether the person who checked it agrees. */
  readonly correct: boolean;
}

/** What a random sample of the automatic labels says of them all; the bound is 1 where nothing was checked. */
export function auditResult(
  rows: readonly Pick<AuditedLabel, 'correct'>[],
): Pick<AuditResult, 'checked' | 'errors' | 'bound'> {
  const errors = rows.filter(({ correct }) => !correct).length;
  return { checked: rows.length, errors, bound: binomialBound(errors, rows.length) };
}

/**
 * The lowest threshold from `current` upwards at which the audited sample alone keeps the target, by the rule of
 * `chooseThreshold`.
 * @param rows a uniform sample of the labels accepted at `current`; lower confidences do not count
 * @param current the threshold by which the audited labels became automatic
 * @returns null where the sample promises the target at no threshold
 */
export function auditThreshold(
  rows: readonly AuditedLabel[],
  target: number,
  current: number,
  level = 0.95,
): number | null {
  const counted = rows.filter(({ confidence }) => confidence >= current);
  const accepted = acceptedByThreshold({
    confidence: counted.map(({ confidence }) => confidence),
    correct: counted.map(({ correct }) => correct),
  });
  const chosen = chooseThreshold(accepted, target, level);
  if (chosen < 0) return null;
  // The sample as a whole speaks for all automatic labels, also for those below its least confidence.
  return chosen === accepted.length - 1 ? current : accepted[chosen]!.threshold;
}
