import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binomialBound, boundHolds } from '../../../src/numerics/binomial_bound.ts';
import {
  anytimeBound,
  type DrawnUnit,
  keepsTarget,
  wealthAgainst,
} from '../../../src/numerics/sampling/anytime_bound.ts';
import { Random } from '../../../src/random.ts';

const rows = (count: number, wrong: number): DrawnUnit[] =>
  Array.from({ length: count }, (_, i) => ({ size: 1, wrong: i < wrong ? 1 : 0 }));

/** Mean over all orders, each with its chance, in which units are drawn in proportion to size among those left. */
function meanWealth(units: readonly DrawnUnit[], draws: number, error: number): number {
  const population = units.reduce((sum, { size }) => sum + size, 0);
  const walk = (left: readonly DrawnUnit[], drawn: readonly DrawnUnit[]): number => {
    if (drawn.length === draws) return wealthAgainst(drawn, population, error);
    const rows = left.reduce((sum, { size }) => sum + size, 0);
    return left.reduce(
      (sum, unit, at) => sum + (unit.size / rows) * walk(left.toSpliced(at, 1), [...drawn, unit]),
      0,
    );
  };
  return walk(units, []);
}

test('betting against the truth neither wins nor loses on average, for rows and for groups, after any number of draws', () => {
  const groups = [
    { size: 1, wrong: 1 },
    { size: 4, wrong: 1 },
    { size: 2, wrong: 0 },
    { size: 3, wrong: 2.5 },
    { size: 2, wrong: 1 },
    { size: 1, wrong: 0 },
  ];
  // From the draw on before which only wrong rows may be left, the bet that there are fewer must lose.
  const cases: [DrawnUnit[], number][] = [
    [rows(7, 2), 5],
    [rows(6, 6), 0],
    [rows(6, 0), 6],
    [groups, 5],
  ];
  for (const [units, fair] of cases) {
    const population = units.reduce((sum, { size }) => sum + size, 0);
    const error = units.reduce((sum, { wrong }) => sum + wrong, 0) / population;
    for (let draws = 0; draws <= 6; draws++) {
      // Exact but for sums of at most 5040 products in float64.
      const mean = meanWealth(units, draws, error);
      assert.ok(draws <= fair ? Math.abs(mean - 1) < 1e-9 : mean < 1, `${population}, ${draws}: ${mean}`);
      // Where more is wrong than the hypothesis says, it loses.
      assert.ok(meanWealth(units, draws, 0.7 * error) <= 1 + 1e-9);
    }
  }
});

test('who rejects an error rejects every larger one, and the bound is the least of them', () => {
  const random = new Random(4);
  for (let trial = 0; trial < 30; trial++) {
    const units = Array.from({ length: 1 + random.integer(60) }, () => {
      const size = 1 + random.integer(4);
      return { size, wrong: random.integer(8) === 0 ? random.integer(size + 1) : 0 };
    });
    const population = units.reduce((sum, { size }) => sum + size, 0) + random.integer(200);
    const wealth = Array.from({ length: 101 }, (_, i) => wealthAgainst(units, population, i / 100));
    for (let i = 1; i <= 100; i++) assert.ok(wealth[i]! >= wealth[i - 1]!, `${i}: ${wealth[i]}`);
    const bound = anytimeBound(units, population, 0.05);
    for (let i = 0; i <= 100; i++)
      assert.is(keepsTarget(units, population, i / 100, 0.05), bound <= i / 100, `${i} ${bound}`);
  }
});

test('where the whole population is checked the bound is its share of errors; where nothing is, 1', () => {
  for (const [count, wrong] of [
    [40, 4],
    [40, 0],
    [40, 40],
    [1, 0],
    [20, 1],
  ] as const) {
    assert.ok(Math.abs(anytimeBound(rows(count, wrong), count, 0.05) - wrong / count) < 1e-12);
    // No more than all that is left can be wrong, so some targets are sure before the last row.
    assert.ok(anytimeBound(rows(count, wrong), count + 1, 0.05) <= (wrong + 1) / (count + 1) + 1e-12);
  }
  assert.ok(keepsTarget(rows(20, 1), 20, 0.05, 1e-9), 'one in twenty is 5%');
  assert.not.ok(keepsTarget(rows(20, 2), 20, 0.05, 0.05));
  assert.is(anytimeBound([], 50, 0.05), 1);
});

test('the bound is little wider than that of Clopper and Pearson, which holds for one look alone', () => {
  for (const count of [50, 100, 200, 300]) {
    for (const wrong of [0, 1, 2, 3]) {
      const anytime = anytimeBound(rows(count, wrong), 1e6, 0.05);
      const plain = binomialBound(wrong, count);
      console.log(`${wrong} of ${count}: ${(100 * anytime).toFixed(2)}%, plain ${(100 * plain).toFixed(2)}%`);
      assert.ok(anytime > plain && anytime < 1.34 * plain, `${anytime / plain}`);
    }
  }
});

test('looked at after every 1, 5 or 10 rows it is false in under 5% of samples, where the plain bound is in 10% and more', () => {
  const [draws, population, checks] = [4000, 2000, 300];
  for (const target of [0.05, 0.1]) {
    // Just more than the target is wrong: any promise is false.
    const wrong = Math.round(target * population) + 1;
    const memory = new Map<number, [boolean, boolean]>();
    // For single rows only their numbers count.
    const says = (checked: number, errors: number) => {
      const key = 1000 * checked + errors;
      const known = memory.get(key);
      if (known) return known;
      const said: [boolean, boolean] = [
        keepsTarget(rows(checked, errors), population, target, 0.05),
        boundHolds(errors, checked, target),
      ];
      memory.set(key, said);
      return said;
    };
    const random = new Random(9);
    const found = new Map([1, 5, 10].map((step) => [step, [0, 0]]));
    for (let draw = 0; draw < draws; draw++) {
      const promised = new Map([1, 5, 10].map((step) => [step, [false, false]]));
      for (let checked = 1, errors = 0; checked <= checks; checked++) {
        if (random.integer(population - checked + 1) < wrong - errors) errors++;
        for (const [step, both] of promised) {
          if (checked % step !== 0) continue;
          const said = says(checked, errors);
          both[0] ||= said[0];
          both[1] ||= said[1];
        }
      }
      for (const [step, both] of promised)
        both.forEach((was, i) => {
          if (was) found.get(step)![i]!++;
        });
    }
    for (const [step, both] of found) {
      const [anytime, plain] = both.map((count) => count / draws) as [number, number];
      console.log(`target ${target}, every ${step}: false in ${anytime}, plain bound ${plain}`);
      // Of 4000 samples 5% varies by 0.34 points; the anytime bound lies further below.
      assert.ok(anytime <= 0.05, `${anytime}`);
      assert.ok(plain > 0.1, `${plain}`);
    }
  }
});

test.run();
