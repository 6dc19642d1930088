/** One draw of a random sample without replacement: a group of rows, or a single row. */
export interface DrawnUnit {
  /** Rows that it holds, ≥ 1. */
  readonly size: number;
  /** How many of them are wrong, 0 … size; parts of one count as parts. */
  readonly wrong: number;
}

/**
 * Bets against the null hypothesis: each supposes that the error is this part of what the hypothesis says. The four
 * together cost little whatever the truth is: in the limit of few errors among many checks the bound is 1.33, 1.31, 1.32
 * and 1.32 times that of Clopper and Pearson at 0, 1, 2 and 3 errors, 1.30 times at 10 and 1.19 times at 50, and no
 * mixture of such bets stays below 1.27 times at all of them.
 */
const bets = [
  { part: 0.1, weight: 0.35 },
  { part: 0.3, weight: 0.4 },
  { part: 0.6, weight: 0.2 },
  { part: 0.85, weight: 0.05 },
] as const;

/** A share times a whole number of rows need not come out whole. */
const rounding = 1e-9;

/**
 * What a sample says against the hypothesis that at least the share `error` of the population's rows is wrong: the
 * wealth of somebody who began with 1 and bet against it at each draw, at fair odds. At whatever time one looks, and
 * however often, wealth of 1/α or more has at most the chance α where the hypothesis is true (Ville 1939), so it may be
 * computed after every row, and the time to stop may depend on what was seen.
 *
 * Why the odds are fair: units are drawn one by one without replacement, each in proportion to its size among those left
 * (the order in which a random permutation of the rows first meets each unit). Given what was drawn, the
 * mean of the next unit's share x = wrong/size is m = (error·N − Σ wrong so far)/(N − Σ size so far) if exactly
 * `error`·N rows are wrong, and more if more are. A bet that supposes c·m instead of m multiplies its stake by
 * x·c + (1 − x)·(1 − c·m)/(1 − m), whose mean is 1 at the mean m of x, and less where the mean of x is larger, or m is 1 and nothing else can come. For single
 * rows that is the likelihood ratio of two Bernoulli variables. The stakes are divided among four values of c (the method
 * of mixtures). See Waudby-Smith & Ramdas, arXiv 2006.04347 and 2010.09686 (betting without replacement), and Shekhar
 * et al., arXiv 2305.06884 (draws in proportion to size).
 *
 * The wealth grows with `error`: m does, and (1 − c·m)/(1 − m) with m. So who rejects one error rejects all larger ones.
 * @param units in the order in which they were drawn
 * @param population rows of all units, N
 * @param error 0 … 1
 * @returns from 0 on; Infinity where the hypothesis is impossible, as fewer rows are left than must be wrong; 0 where
 * more are wrong already than it says
 */
export function wealthAgainst(units: Iterable<DrawnUnit>, population: number, error: number): number {
  const stakes = new Float64Array(bets.length);
  let left = population;
  let wrong = error * population;
  for (const { size, wrong: found } of units) {
    if (wrong > left + rounding) return Infinity;
    const mean = Math.min(1, Math.max(0, wrong / left));
    const share = found / size;
    bets.forEach(({ part }, i) => {
      const odds = share < 1 ? (1 - share) * ((1 - part * mean) / (1 - mean)) : 0;
      stakes[i]! += Math.log(share * part + odds);
    });
    left -= size;
    wrong -= found;
    if (wrong < -rounding) return 0;
  }
  if (wrong > left + rounding) return Infinity;
  return bets.reduce((sum, { weight }, i) => sum + weight * Math.exp(stakes[i]!), 0);
}

/**
 * Whether `anytimeBound` is at most `target`, without the search for the bound itself.
 * @param units in the order in which they were drawn (see `wealthAgainst`)
 * @param alpha the chance allowed that this ever says yes where the share is larger
 */
export function keepsTarget(
  units: readonly DrawnUnit[],
  population: number,
  target: number,
  alpha: number,
): boolean {
  return (
    most(units, population) <= target * population + rounding ||
    wealthAgainst(units, population, target) * alpha >= 1
  );
}

/** As many rows as can be wrong: those that are, and all that were not drawn. */
function most(units: readonly DrawnUnit[], population: number): number {
  return units.reduce((sum, { size, wrong }) => sum + wrong - size, population);
}

/**
 * Upper bound of the share of wrong rows in a finite population, by a random sample drawn from it without replacement:
 * the least error that `wealthAgainst` rejects. With the chance 1 − α it holds at all times at once, so also at one
 * that was chosen for what it shows. Where the whole population was drawn it is the share itself.
 * @param units in the order in which they were drawn (see `wealthAgainst`)
 * @param population rows of all units
 * @param alpha the chance allowed that the bound is ever too low
 * @returns 0 … 1; 1 for no draw
 */
export function anytimeBound(units: readonly DrawnUnit[], population: number, alpha: number): number {
  let high = most(units, population) / population;
  let low = units.reduce((sum, { wrong }) => sum + wrong, 0) / population;
  // Halved to the last bit: the upper end is the bound, which rounding must not make too low.
  for (let step = 0; step < 50 && high > low; step++) {
    const middle = (low + high) / 2;
    if (wealthAgainst(units, population, middle) * alpha >= 1) high = middle;
    else low = middle;
  }
  return high;
}
