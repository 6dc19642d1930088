import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AuditDraw } from '../../../src/label/audit_draw.ts';
import {
  type AnsweredLabel,
  classEstimates,
  errorsByClass,
  errorsByConfidence,
} from '../../../src/label/confidence/audit_shares.ts';
import { Random, shuffledIndices } from '../../../src/random.ts';

const row = (group: number, label: string, answer: string | null, confidence = 0.9): AnsweredLabel => ({
  path: `${group}`,
  label,
  confidence,
  group,
  answer,
});
const drawOf = (classes: Readonly<Record<string, number>>): AuditDraw => ({
  digest: '',
  population: Object.values(classes).reduce((a, b) => a + b, 0),
  classes: Object.entries(classes).map(([name, count]) => ({ name, count })),
  thresholds: [],
  rows: [],
});

test('counts and intervals are those of the difference estimator, worked out by hand', () => {
  // 50 of 400: 30 cats that are, 2 cats that are dogs, 17 dogs that are, 1 dog that is an owl.
  const rows = [
    ...Array.from({ length: 30 }, () => ['cat', 'cat']),
    ...Array.from({ length: 2 }, () => ['cat', 'dog']),
    ...Array.from({ length: 17 }, () => ['dog', 'dog']),
    ['dog', 'owl'],
  ].map(([label, answer], at) => row(at, label!, answer!));
  const found = classEstimates(rows, drawOf({ cat: 250, dog: 150 }), [
    { label: 'cat', status: 'given' },
    { label: 'dog', status: 'review' },
    { label: 'fox', status: 'duplicate' },
  ]);
  assert.equal(
    found.map(({ name, given, notCovered, predicted }) => [name, given, notCovered, predicted]),
    [
      ['cat', 1, 0, 250],
      ['dog', 0, 1, 150],
      ['fox', 0, 1, 0],
      ['owl', 0, 0, 0],
    ],
  );
  // More and fewer of each class in truth than predicted, in the sample; its true share there.
  const expected = { cat: [0, 2, 30], dog: [2, 1, 19], fox: [0, 0, 0], owl: [1, 0, 1] } as const;
  for (const { name, predicted, corrected, classical } of found) {
    const [more, fewer, seen] = expected[name as keyof typeof expected];
    const [n, population, z] = [50, 400, 1.959964];
    const close = (a: number, b: number) =>
      assert.ok(Math.abs(a - b) < 1e-9 * population, `${name} ${a} ${b}`);
    close(corrected.count, predicted + (population * (more - fewer)) / n);
    // Bonett & Price: one more of either kind among the 350 rows that were not drawn, each row there at the same error.
    const [p, q] = [(more + 1) / (n + 2), (fewer + 1) / (n + 2)];
    const centre = predicted + (population * (more - fewer) * (1 / 8)) / n + population * (7 / 8) * (p - q);
    const half = population * z * Math.sqrt(((p + q - (p - q) ** 2) / (n + 2)) * (7 / 8));
    close(corrected.interval[0], Math.max(seen, centre - half));
    close(corrected.interval[1], Math.min(population - (n - seen), centre + half));
    close(classical.count, (population * seen) / n);
    const share = seen / n;
    const middle = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
    const wide = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
    close(
      classical.interval[1],
      Math.min(
        population - (n - seen),
        population * (share / 8 + (7 / 8) * middle + Math.sqrt(7 / 8) * wide),
      ),
    );
  }
});

test('where all labels are checked the counts are the true ones, without a doubt', () => {
  const rows = Array.from({ length: 40 }, (_, at) =>
    row(at, at < 25 ? 'cat' : 'dog', at < 20 ? 'cat' : 'dog'),
  );
  for (const { name, corrected, classical } of classEstimates(rows, drawOf({ cat: 25, dog: 15 }), []))
    for (const { count, interval } of [corrected, classical])
      for (const value of [count, ...interval]) assert.ok(Math.abs(value - 20) < 1e-9, `${name} ${value}`);
});

test('rows that were left out may show anything: the intervals hold whatever they show', () => {
  const rows = Array.from({ length: 60 }, (_, at) => row(at, 'cat', at % 6 === 0 ? null : 'cat'));
  const [cat] = classEstimates(rows, drawOf({ cat: 300 }), []);
  const as = (answer: string) =>
    classEstimates(
      rows.map((each) => ({ ...each, answer: each.answer ?? answer })),
      drawOf({ cat: 300 }),
      [],
    )[0]!;
  for (const kind of ['corrected', 'classical'] as const) {
    const [low, high] = cat![kind].interval;
    assert.ok(low <= as('dog')[kind].interval[0] + 1e-9 && high >= as('cat')[kind].interval[1] - 1e-9);
  }
});

test('the intervals hold the true counts in 95% of samples; corrected ones are narrower where predictions are good', () => {
  const [population, draws] = [800, 2000];
  const random = new Random(11);
  for (const [n, groupSize, error] of [
    [60, 1, 0.03],
    [200, 1, 0.1],
    [160, 4, 0.05],
  ] as const) {
    const truth = Array.from({ length: population }, (_, at) => (at % 10 < 6 ? 'cat' : 'dog'));
    const predicted = truth.map((name) => (random.next() < error ? (name === 'cat' ? 'dog' : 'cat') : name));
    const count = (list: readonly string[]) => list.filter((name) => name === 'cat').length;
    const draw = drawOf({ cat: count(predicted), dog: population - count(predicted) });
    const held = [0, 0];
    const width = [0, 0];
    for (let sample = 0; sample < draws; sample++) {
      const groups = shuffledIndices(population / groupSize, random).subarray(0, n / groupSize);
      const rows = Array.from(groups).flatMap((group) =>
        Array.from({ length: groupSize }, (_, at) => {
          // Images of a group lie apart, so that it holds both classes.
          const image = group + at * (population / groupSize);
          return row(group, predicted[image]!, truth[image]!);
        }),
      );
      const [cat] = classEstimates(rows, draw, []);
      [cat!.corrected, cat!.classical].forEach(({ interval: [low, high] }, kind) => {
        width[kind]! += (high - low) / draws;
        if (low - 1e-9 <= count(truth) && count(truth) <= high + 1e-9) held[kind]!++;
      });
    }
    console.log(
      `${n} of ${population}, groups of ${groupSize}, error ${error}: held ${held.map((times) => times / draws)}, width ${width.map((w) => w.toFixed(0))}`,
    );
    // Of 2000 samples 95% varies by half a point; normal intervals of lumpy counts by another.
    for (const times of held) assert.ok(times / draws > 0.935, `${times / draws}`);
    assert.ok(width[0]! < width[1]!);
  }
});

test('errors are told by class and by confidence, left-out rows among them', () => {
  const rows = Array.from({ length: 40 }, (_, at) =>
    row(
      at,
      at % 2 ? 'dog' : 'cat',
      at === 1 ? 'cat' : at === 3 ? null : at % 2 ? 'dog' : 'cat',
      1 - at / 100,
    ),
  );
  const byClass = errorsByClass(rows, drawOf({ cat: 100, dog: 100, owl: 3 }));
  assert.equal(
    byClass.map(({ name, checked, errors }) => [name, checked, errors]),
    [
      ['cat', 20, 0],
      ['dog', 20, 2],
    ],
  );
  const bands = errorsByConfidence([...rows].reverse());
  assert.equal(
    bands.map(({ checked, errors }) => [checked, errors]),
    [
      [10, 2],
      [10, 0],
      [10, 0],
      [10, 0],
    ],
  );
  assert.equal([bands[0]!.to, bands[0]!.from], [1, 0.91]);
  const equal = rows.map((each) => ({ ...each, confidence: 0.9 }));
  assert.is(errorsByConfidence(equal).length, 1);
  // Ten rows of one group say as much as one row.
  const [group] = errorsByClass(
    rows.map((each) => ({ ...each, group: 0 })),
    drawOf({ cat: 100 }),
  );
  assert.ok(group!.interval[1] > 0.75);
});

test.run();
