import { incompleteBeta, inverseIncompleteBeta } from './incomplete_beta.ts';

/**
 * One-sided upper bound of an error rate (Clopper & Pearson 1934): the rate at which so few errors have the chance
 * 1 − level. Effective counts of weighted samples may be fractions: the bound runs smoothly between whole ones.
 * @param errors 0 … n
 * @returns 0 … 1; 1 for n = 0 and where all are errors
 */
export function binomialBound(errors: number, n: number, level = 0.95): number {
  return errors >= n ? 1 : inverseIncompleteBeta(level, errors + 1, n - errors);
}

/** Whether `binomialBound(errors, n, level)` ≤ target, without the search for the bound itself. */
export function boundHolds(errors: number, n: number, target: number, level = 0.95): boolean {
  return target >= 1 || (errors < n && incompleteBeta(target, errors + 1, n - errors) >= level);
}

/** The least number of checks, all of them right, that bounds the error by `target`: 59 for 5%, 299 for 1%. */
export function acceptedNeeded(target: number, level = 0.95): number {
  // (1 − target)^n ≤ 1 − level; the slack keeps an exact solution from being rounded up.
  return Math.max(1, Math.ceil(Math.log(1 - level) / Math.log1p(-target) - 1e-9));
}
