/**
 * Clusters by average linkage (Sokal & Michener 1958): again and again the two clusters whose members are most alike on
 * average become one, as long as that average is at least `least`. Takes some n² steps: for some hundred items.
 * @param similarities n × n, symmetric; the larger the more alike
 * @returns the items of each cluster, ascending; the largest cluster first, then that of the lowest item
 */
export function averageLinkage(similarities: Float64Array, n: number, least: number): number[][] {
  const means = Float64Array.from(similarities);
  const members: (number[] | undefined)[] = Array.from({ length: n }, (_, item) => [item]);
  const meanOf = (a: number, b: number) => (b < 0 ? -Infinity : means[a * n + b]!);
  /** The most similar cluster to each, the first of equals; −1 where there is no other. */
  const nearest = new Int32Array(n);
  const findNearest = (a: number) => {
    nearest[a] = -1;
    for (let b = 0; b < n; b++)
      if (b !== a && members[b] && means[a * n + b]! > meanOf(a, nearest[a]!)) nearest[a] = b;
  };
  for (let a = 0; a < n; a++) findNearest(a);
  for (;;) {
    let a = -1;
    for (let c = 0; c < n; c++)
      if (members[c] && (a < 0 || meanOf(c, nearest[c]!) > meanOf(a, nearest[a]!))) a = c;
    if (a < 0 || !(meanOf(a, nearest[a]!) >= least)) break;
    const b = nearest[a]!;
    const [first, second] = [members[a]!, members[b]!];
    for (let other = 0; other < n; other++) {
      const sum = first.length * means[a * n + other]! + second.length * means[b * n + other]!;
      means[a * n + other] = means[other * n + a] = sum / (first.length + second.length);
    }
    members[a] = [...first, ...second].sort((i, j) => i - j);
    members[b] = undefined;
    findNearest(a);
    for (let c = 0; c < n; c++) {
      if (!members[c] || c === a) continue;
      if (nearest[c] === a || nearest[c] === b) findNearest(c);
      else if (means[c * n + a]! > meanOf(c, nearest[c]!)) nearest[c] = a;
    }
  }
  return members
    .flatMap((items) => (items ? [items] : []))
    .sort((first, second) => second.length - first.length || first[0]! - second[0]!);
}
