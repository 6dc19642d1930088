import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inclusionProbabilities, systematicSample } from '../../../src/numerics/sampling/systematic.ts';
import { Random } from '../../../src/random.ts';

const sum = (values: Iterable<number>) => Array.from(values).reduce((total, value) => total + value, 0);

test('chances are in proportion to the sizes, none exceeds 1, and they sum to the number wanted', () => {
  assert.equal([...inclusionProbabilities([1, 2, 3, 4], 2)], [0.2, 0.4, 0.6, 0.8]);
  // 10 of 13 would be drawn 1.5 times: it is certain, and the others share one draw.
  assert.equal([...inclusionProbabilities([1, 10, 2], 2)], [1 / 3, 1, 2 / 3]);
  assert.equal([...inclusionProbabilities([1, 2], 5)], [1, 1]);
  assert.equal([...inclusionProbabilities([], 3)], []);
  const sizes = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sizes, fc.nat(30), (own, count) => {
      const chances = inclusionProbabilities(own, count);
      assert.ok(Math.abs(sum(chances) - Math.min(count, own.length)) < 1e-9);
      assert.ok(chances.every((chance) => chance >= 0 && chance <= 1));
      // Among those that are not certain the ratio of two chances is that of their sizes.
      const ratios = [...chances].flatMap((chance, unit) =>
        chance < 1 && count > 0 ? [chance / own[unit]!] : [],
      );
      for (const ratio of ratios) assert.ok(Math.abs(ratio / ratios[0]! - 1) < 1e-9);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('each draw takes as many as wanted, without repetition', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-9, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }),
      fc.nat(60),
      fc.nat(1e6),
      (sizes, count, seed) => {
        const drawn = systematicSample(inclusionProbabilities(sizes, count), new Random(seed));
        assert.is(drawn.length, Math.min(count, sizes.length));
        assert.is(new Set(drawn).size, drawn.length);
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});

test('units are drawn as often as their chances say, and weights of 1/chance give totals without bias', () => {
  const random = new Random(7);
  const sizes = Array.from({ length: 40 }, (_, rank) => (rank + 1) ** -2);
  const chances = inclusionProbabilities(sizes, 6);
  // An error rate that grows with the size: the sample alone would overstate it.
  const wrong = sizes.map((_, rank) => (rank < 10 ? 0.6 : 0.1));
  const draws = 20_000;
  const often = new Float64Array(sizes.length);
  let [total, squares, plain] = [0, 0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const drawn = systematicSample(chances, random);
    for (const unit of drawn) often[unit]!++;
    const estimate = sum(drawn.map((unit) => wrong[unit]! / chances[unit]!));
    total += estimate;
    squares += estimate ** 2;
    plain += sum(drawn.map((unit) => wrong[unit]!)) / drawn.length / draws;
  }
  chances.forEach((chance, unit) => {
    // Four and a half standard deviations: of 40 units one is beyond in less than 0.03% of tests.
    const tolerance = 4.5 * Math.sqrt((chance * (1 - chance)) / draws);
    assert.ok(
      Math.abs(often[unit]! / draws - chance) <= tolerance + 1e-12,
      `${unit}: ${often[unit]! / draws}`,
    );
  });
  const mean = total / draws;
  const deviation = Math.sqrt((squares / draws - mean ** 2) / draws);
  assert.ok(Math.abs(mean - sum(wrong)) < 4 * deviation, `${mean} ± ${deviation}, not ${sum(wrong)}`);
  assert.ok(plain > 1.5 * (sum(wrong) / wrong.length), 'the unweighted mean is far off');
});

test.run();
