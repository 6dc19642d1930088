import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { conformalPValues, falseDiscoveryLimit } from '../../../src/numerics/sampling/conformal.ts';
import { Random } from '../../../src/random.ts';

/** By the definition, without a search. */
const plain = (known: readonly number[], score: number) =>
  (1 + known.filter((other) => other >= score).length) / (known.length + 1);

test('p ≤ α exactly beyond the k-th smallest known score, k = ⌈(n + 1)(1 − α)⌉, for ranks where rounding could decide', () => {
  for (const n of [9, 10, 18, 19, 20, 39, 59, 99]) {
    const known = Array.from({ length: n }, (_, i) => i + 1);
    for (const [part, whole] of [
      [1, 10],
      [1, 20],
      [1, 5],
      [3, 10],
    ] as const) {
      // In whole numbers: ⌈(n + 1)(whole − part)/whole⌉.
      const k = Math.ceil(((n + 1) * (whole - part)) / whole);
      const alpha = part / whole;
      const passes = (score: number) => conformalPValues({ scores: known }, [score])[0]! <= alpha;
      assert.not(passes(Math.min(k, n)), `${n} ${alpha}: a known score itself never exceeds`);
      assert.is(passes(k + 0.5), k <= n, `${n} ${alpha}: beyond the k-th`);
      assert.not(passes(k - 0.5), `${n} ${alpha}: one rank earlier is too lenient`);
    }
  }
});

test('equal scores count against a score, in the order of the definition', () => {
  const known = [3, 1, 2, 2, 2, 5];
  const scores = [0, 1, 1.5, 2, 2.5, 3, 5, 6];
  const expected = [1, 1, 6 / 7, 6 / 7, 3 / 7, 3 / 7, 2 / 7, 1 / 7];
  assert.equal([...conformalPValues({ scores: known }, scores)], expected);
  for (const score of scores) assert.is(conformalPValues({ scores: known }, [score])[0], plain(known, score));
  assert.equal([...conformalPValues({ scores: [4, 4, 4] }, [4, 4.1])], [1, 1 / 4]);
});

test('a group counts once: copies of known scores change no p-value', () => {
  const known = [3, 1, 2, 7, 5];
  const groups = [0, 1, 2, 3, 4];
  const copied = { scores: [...known, 3, 3, 3, 7, 7], groups: [...groups, 0, 0, 0, 3, 3] };
  const scores = [0, 2, 3, 4, 7, 8];
  assert.equal([...conformalPValues(copied, scores)], [...conformalPValues({ scores: known }, scores)]);
  // Two of three rows of one group and one whole group are at least 4.
  const mixed = { scores: [1, 4, 5, 6, 2], groups: [0, 0, 0, 1, 2] };
  assert.ok(Math.abs(conformalPValues(mixed, [4])[0]! - (1 + 2 / 3 + 1) / 4) < 1e-12);
});

test('with one group, or none, nothing is unusual', () => {
  assert.equal([...conformalPValues({ scores: [1, 2, 3], groups: [7, 7, 7] }, [9])], [1 / 2]);
  assert.equal([...conformalPValues({ scores: [] }, [9])], [1]);
});

test('of usual scores at most the share α is called unusual: groups of unequal size and alike within', () => {
  const random = new Random(3, 1);
  const draws = 4000;
  let [byGroup, byRow] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const scores: number[] = [];
    const groups: number[] = [];
    for (let group = 0; group < 19; group++) {
      const own = random.next();
      // The more usual a group the larger it is.
      const size = own < 0.5 ? 9 : 1;
      for (let i = 0; i < size; i++) {
        scores.push(own + 0.01 * random.next());
        groups.push(group);
      }
    }
    const asked = [random.next() + 0.01 * random.next()];
    if (conformalPValues({ scores, groups }, asked)[0]! <= 0.1) byGroup++;
    if (conformalPValues({ scores }, asked)[0]! <= 0.1) byRow++;
  }
  // Expected 10% of 4,000, standard error 0.5 points; rows of large groups make the others seem unusual.
  assert.ok(byGroup / draws < 0.115, String(byGroup / draws));
  assert.ok(byRow / draws > 0.2, String(byRow / draws));
});

test('the false discovery limit is that of Benjamini and Hochberg, zero where nothing passes', () => {
  // Their own example of 15 p-values (1995, section 3.2): four pass at 5%.
  const p = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
    0.759, 1,
  ];
  assert.is(falseDiscoveryLimit(p, 0.05), 0.0095);
  assert.is(falseDiscoveryLimit([...p].reverse(), 0.05), 0.0095);
  assert.is(falseDiscoveryLimit([0.2, 0.5, 1], 0.05), 0);
  assert.is(falseDiscoveryLimit([], 0.05), 0);
  // Equality passes: 3 · 0.1 ≤ 0.1 · 3 in whole numbers, though not in those of a computer.
  assert.is(falseDiscoveryLimit([0.1, 0.1, 0.1], 0.1), 0.1);
});

test.run();
