import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { averageLinkage } from '../../../src/numerics/clusters/average_linkage.ts';
import { Random } from '../../../src/random.ts';

/** By the definition: the mean over all pairs, worked out anew for each step. */
function plain(similarities: Float64Array, n: number, least: number): string[] {
  let clusters = Array.from({ length: n }, (_, item) => [item]);
  for (;;) {
    let best: { a: number[]; b: number[]; mean: number } | undefined;
    for (const a of clusters) {
      for (const b of clusters) {
        if (a === b) continue;
        const values = a.flatMap((i) => b.map((j) => similarities[i * n + j]!));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        if (mean >= least && (!best || mean > best.mean + 1e-12)) best = { a, b, mean };
      }
    }
    if (!best) return clusters.map((items) => items.join(',')).sort();
    const { a, b } = best;
    clusters = [...clusters.filter((each) => each !== a && each !== b), [...a, ...b].sort((i, j) => i - j)];
  }
}

test('clusters are those of the definition, at every limit', () => {
  const random = new Random(1, 1);
  const n = 14;
  const similarities = new Float64Array(n * n);
  for (let a = 0; a < n; a++)
    for (let b = 0; b <= a; b++)
      similarities[a * n + b] = similarities[b * n + a] = a === b ? 1 : random.next();
  for (const least of [0.2, 0.4, 0.5, 0.6, 0.8, 0.95]) {
    const found = averageLinkage(similarities, n, least);
    assert.equal(found.map((items) => items.join(',')).sort(), plain(similarities, n, least));
    for (const [at, items] of found.slice(1).entries()) assert.ok(items.length <= found[at]!.length);
  }
});

test('nothing is joined below the limit, all is where each pair reaches it', () => {
  const pairs = Float64Array.of(1, 0.5, 0.5, 0.5, 1, 0.5, 0.5, 0.5, 1);
  assert.equal(averageLinkage(pairs, 3, 0.51), [[0], [1], [2]]);
  assert.equal(averageLinkage(pairs, 3, 0.5), [[0, 1, 2]]);
  assert.equal(averageLinkage(new Float64Array(0), 0, 0.5), []);
});

test.run();
