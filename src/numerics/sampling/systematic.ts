import type { Random } from '../../random.ts';

/** Sums of chances are whole numbers up to this. */
const rounding = 1e-9;

/**
 * The chance with which each unit is to be drawn so that `count` are drawn in all, in proportion to the units' sizes. A
 * unit so large that its chance would exceed 1 is certain, and the others share what is left (Särndal, Swensson & Wretman
 * 1992, section 3.6.2).
 * @param sizes positive
 * @param count 0 … number of units
 * @returns 0 … 1 each, `count` in sum
 */
export function inclusionProbabilities(sizes: ArrayLike<number>, count: number): Float64Array {
  const probabilities = new Float64Array(sizes.length);
  const order = Array.from(sizes, (_, unit) => unit).sort((a, b) => sizes[b]! - sizes[a]!);
  // Of each unit and all smaller ones, summed from the smallest: no difference of large sums loses the small.
  const totals = new Float64Array(order.length + 1);
  for (let place = order.length - 1; place >= 0; place--)
    totals[place] = totals[place + 1]! + sizes[order[place]!]!;
  const wanted = Math.min(count, order.length);
  let place = 0;
  for (; place < wanted; place++) {
    const left = wanted - place;
    // Where as many are wanted as there are, rounding must leave none out.
    if (left < order.length - place && sizes[order[place]!]! * left < totals[place]!) break;
    probabilities[order[place]!] = 1;
  }
  for (const unit of order.slice(place))
    probabilities[unit] = (sizes[unit]! * (wanted - place)) / totals[place]!;
  return probabilities;
}

/**
 * Draws units with given chances, as many as these sum to: a systematic sample with a random start (Madow 1949). Units
 * that stand together in the order are drawn together less often than by independent draws, so an order by likeness spreads
 * the sample.
 * @param probabilities 0 … 1 each, a whole number in sum
 * @returns the units drawn, ascending
 */
export function systematicSample(probabilities: ArrayLike<number>, random: Random): number[] {
  const chosen: number[] = [];
  const start = random.next();
  let passed = 0;
  let sum = 0;
  for (let unit = 0; unit < probabilities.length; unit++) {
    if (probabilities[unit]! === 1) {
      chosen.push(unit);
      continue;
    }
    sum += probabilities[unit]!;
    const whole = Math.round(sum);
    // A sum that rounding left just short of a whole number would miss a start that lies in between.
    if ((Math.abs(sum - whole) < rounding ? whole : sum) <= start + passed) continue;
    chosen.push(unit);
    passed++;
  }
  return chosen;
}
