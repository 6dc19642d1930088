import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noveltyScores } from '../../../src/label/novelty/scores.ts';
import { Random } from '../../../src/random.ts';

const columns = 5;
const random = new Random(4, 1);
const count = 90;
const features = Float32Array.from({ length: count * columns }, () => random.next() - 0.3);
const given = Int32Array.from({ length: count }, (_, row) => (row < 24 ? row % 2 : -1));
const predicted = Int32Array.from({ length: count }, (_, row) => (row * 7) % 2);
// Rows 0 and 2, and 40 to 44, count once.
const groups = Int32Array.from({ length: count }, (_, row) =>
  row === 2 ? 0 : row > 40 && row < 45 ? 40 : row,
);
const inputs = { features, columns, given, predicted, classes: 2, groups, seed: 1 };

const cosine = (a: number, b: number) => {
  let [ab, aa, bb] = [0, 0, 0];
  for (let k = 0; k < columns; k++) {
    const [x, y] = [features[a * columns + k]!, features[b * columns + k]!];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
};
const median = (values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

/** By the definition, pair by pair. */
function plain(): number[] {
  const all = Array.from({ length: count }, (_, row) => row);
  const labelled = all.filter((row) => given[row]! >= 0);
  const distance = all.map((row) => {
    const ofGroup = new Map<number, number>();
    for (const other of labelled) {
      if (other === row || (given[row]! >= 0 && groups[other] === groups[row])) continue;
      const found = 1 - cosine(row, other);
      ofGroup.set(groups[other]!, Math.min(found, ofGroup.get(groups[other]!) ?? 2));
    }
    return [...ofGroup.values()].sort((a, b) => a - b)[2]!;
  });
  const crowd = all.map((row) => {
    const firsts = all.filter((other) => groups[other] === other && groups[other] !== groups[row]);
    return Math.log(1 + firsts.filter((other) => 1 - cosine(row, other) < distance[row]! - 1e-9).length);
  });
  const within = crowd.map(
    (value, row) =>
      value -
      median(labelled.filter((other) => predicted[other] === predicted[row]).map((other) => crowd[other]!)),
  );
  const inDeviations = (values: number[]) => {
    const known = labelled.map((row) => values[row]!);
    const middle = median(known);
    const deviation = median(known.map((value) => Math.abs(value - middle)));
    return values.map((value) => (value - middle) / deviation);
  };
  const far = inDeviations(distance.map(Math.log));
  const crowded = inDeviations(within);
  return all.map((row) => Math.max(far[row]!, crowded[row]!));
}

test('scores are those of the definition, groups counted once', () => {
  const found = noveltyScores(inputs);
  // Cosines of float32 features differ in the seventh decimal; a logarithm of a small distance makes that some 1e-4.
  plain().forEach((value, row) => {
    assert.ok(Math.abs(found[row]! - value) < 1e-3 * (1 + Math.abs(value)), `${row}: ${found[row]} ${value}`);
  });
});

test('lengths of rows, and copies of an image among the others, change no score', () => {
  const scaled = features.map((value, at) => value * (1 + (Math.floor(at / columns) % 3)));
  const before = noveltyScores(inputs);
  noveltyScores({ ...inputs, features: scaled }).forEach((value, row) => {
    assert.ok(Math.abs(value - before[row]!) < 1e-3 * (1 + Math.abs(value)));
  });
  const more = 8;
  const copies = (list: Int32Array, value: number) =>
    Int32Array.from([...list, ...new Array(more).fill(value)]);
  const copied = {
    ...inputs,
    features: Float32Array.from([
      ...features,
      ...Array.from({ length: more }, () => [...features.subarray(50 * columns, 51 * columns)]).flat(),
    ]),
    given: copies(given, -1),
    predicted: copies(predicted, 0),
    groups: copies(groups, 50),
  };
  noveltyScores(copied)
    .subarray(0, count)
    .forEach((value, row) => {
      assert.is(value, before[row]);
    });
});

test('features that are not finite are refused', () => {
  const broken = features.slice();
  broken[7] = Number.NaN;
  assert.throws(() => noveltyScores({ ...inputs, features: broken }), /feature 2 of row 1 is NaN/);
});

test.run();
