/**
 * The level at which each of several binomial tests is to be made so that all of them together hold at `level`.
 *
 * Tests are made on the `counts` surest predictions, for several counts, and the largest that passes is taken: a choice
 * among nested samples, for which tests at the plain level are too lenient and Bonferroni's correction is far too strict.
 * The chance that a predictor whose error is exactly `target` at every confidence passes any test follows exactly
 * from a recursion over its errors (as for repeated significance tests: Armitage, McPherson & Rowe 1969; Pocock 1977).
 * Predictors whose error varies with the confidence passed wrongly no more often in simulations of 15,000 draws each.
 * @param counts sizes of the samples, ascending whole numbers ≥ 1
 * @param target 0 < target < 1
 * @returns from `level` up to the level of Bonferroni's correction
 */
export function simultaneousLevel(counts: readonly number[], target: number, level = 0.95): number {
  const allowed = 1 - level;
  if (passingChance(counts, target, allowed) <= allowed) return level;
  let low = allowed / counts.length;
  let high = allowed;
  // 14 halvings: the chance is a step function of the level, and only its steps matter.
  for (let step = 0; step < 14; step++) {
    const middle = (low + high) / 2;
    if (passingChance(counts, target, middle) <= allowed) low = middle;
    else high = middle;
  }
  return 1 - low;
}

/** Chance that for some of the counts k the errors e among k trials have P(Binomial(k, target) ≤ e) ≤ `significance`. */
export function passingChance(counts: readonly number[], target: number, significance: number): number {
  const last = counts.at(-1) ?? 0;
  // Chances of each number of errors: of all walks, and of those that passed no test so far.
  const all = new Float64Array(last + 1);
  const waiting = new Float64Array(last + 1);
  all[0] = waiting[0] = 1;
  let passed = 0;
  let low = 0;
  let test = 0;
  for (let k = 1; k <= last; k++) {
    // Beyond 8 standard deviations lies less than 1e-14.
    const reach = 8 * Math.sqrt(k * target * (1 - target)) + 8;
    const high = Math.min(k, Math.ceil(k * target + reach));
    for (; low < k * target - reach; low++) all[low] = waiting[low] = 0;
    for (let errors = high; errors > low; errors--) {
      all[errors] = all[errors]! * (1 - target) + all[errors - 1]! * target;
      waiting[errors] = waiting[errors]! * (1 - target) + waiting[errors - 1]! * target;
    }
    all[low]! *= 1 - target;
    waiting[low]! *= 1 - target;
    if (k !== counts[test]) continue;
    test++;
    for (let errors = low, tail = 0; (tail += all[errors]!) <= significance; errors++) {
      passed += waiting[errors]!;
      waiting[errors] = 0;
    }
  }
  return passed;
}
