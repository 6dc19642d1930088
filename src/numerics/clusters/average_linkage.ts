/**
 * Clusters by average linkage (Sokal & Michener 1958): again and again the two clusters whose members are most alike on
 * average become one, as long as that average is at least `least`. Takes n³ steps: for some hundred items.
 * @param similarities n × n, symmetric; the larger the more alike
 * @returns the items of each cluster, ascending; the largest cluster first, then that of the lowest item
 */
export function averageLinkage(similarities: Float64Array, n: number, least: number): number[][] {
  const means = Float64Array.from(similarities);
  const members: (number[] | undefined)[] = Array.from({ length: n }, (_, item) => [item]);
  for (;;) {
    let best = { a: -1, b: -1, mean: least };
    for (let a = 0; a < n; a++) {
      if (!members[a]) continue;
      for (let b = a + 1; b < n; b++) {
        if (members[b] && (means[a * n + b]! > best.mean || (best.a < 0 && means[a * n + b]! === least)))
          best = { a, b, mean: means[a * n + b]! };
      }
    }
    const { a, b } = best;
    if (a < 0) break;
    const [first, second] = [members[a]!, members[b]!];
    for (let other = 0; other < n; other++) {
      const joined =
        (first.length * means[a * n + other]! + second.length * means[b * n + other]!) /
        (first.length + second.length);
      means[a * n + other] = means[other * n + a] = joined;
    }
    members[a] = [...first, ...second].sort((i, j) => i - j);
    members[b] = undefined;
  }
  return members
    .flatMap((items) => (items ? [items] : []))
    .sort((first, second) => second.length - first.length || first[0]! - second[0]!);
}
