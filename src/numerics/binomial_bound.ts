import { incompleteBeta, inverseIncompleteBeta } from './incomplete_beta.ts';

/**
 * One-sided upper bound of an error rate (Clopper & Pearson 1934): the rate at which so few errors have the chance
 * 1 − level. Effective counts of weighted samples may be fractions: the bound runs smoothly between whole ones.
 * @param errors 0 … n
 * @param level the chance that the bound holds, 0 … 1
 * @returns 0 … 1; 1 for n = 0 and where all are errors
 */
export function binomialBound(errors: number, n: number, level = 0.95): number {
  return errors >= n ? 1 : inverseIncompleteBeta(level, errors + 1, n - errors);
}

/** Whether `binomialBound(errors, n, level)` ≤ target, without the search for the bound itself. */
export function boundHolds(errors: number, n: number, target: number, level = 0.95): boolean {
  return target >= 1 || (errors < n && incompleteBeta(target, errors + 1, n - errors) >= level);
}
