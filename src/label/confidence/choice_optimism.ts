import { Random, streams } from '../../random.ts';

const draws = 500;

/**
 * By how much the best of several candidates looks better than it is, because it was chosen by the very predictions that
 * score it: the bootstrap's optimism of the choice (Efron 1983; on pooled out-of-fold predictions, so that nothing is
 * trained again, as Tsamardinos, Greasidou & Borboudakis 2018, Machine Learning 107, do). In each draw of the labelled
 * groups the best is chosen anew, and its accuracy among the drawn is held against that among all.
 * @param tried 1 for each labelled image that a candidate tells right; the earlier of equals is chosen
 * @param groups the group of each labelled image, drawn whole
 * @param weights what each labelled image counts in the accuracy; in the choice all count alike
 * @param seed of the draws
 * @returns ≥ 0; 0 for one candidate
 */
export function choiceOptimism(
  tried: readonly Uint8Array[],
  groups: Int32Array,
  weights: Float64Array,
  seed: number,
): number {
  if (new Set(tried.map((hits) => hits.join(''))).size < 2) return 0;
  const random = new Random(seed, streams.choice);
  const members = new Map<number, number[]>();
  groups.forEach((group, row) => {
    const unit = members.get(group);
    if (unit) unit.push(row);
    else members.set(group, [row]);
  });
  const units = [...members.values()];
  const all = new Float64Array(groups.length).fill(1);
  const accuracy = (hits: Uint8Array, counts: Float64Array) => {
    let [right, total] = [0, 0];
    counts.forEach((count, row) => {
      total += count * weights[row]!;
      right += count * weights[row]! * hits[row]!;
    });
    return total > 0 ? right / total : 0;
  };
  const whole = tried.map((hits) => accuracy(hits, all));
  let sum = 0;
  for (let draw = 0; draw < draws; draw++) {
    const counts = new Float64Array(groups.length);
    for (let i = 0; i < units.length; i++)
      for (const row of units[random.integer(units.length)]!) counts[row]!++;
    const right = tried.map((hits) => hits.reduce((total, hit, row) => total + hit * counts[row]!, 0));
    const best = right.indexOf(Math.max(...right));
    sum += accuracy(tried[best]!, counts) - whole[best]!;
  }
  return Math.max(0, sum / draws);
}
