import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unitRows } from '../../../src/numerics/feature_rows.ts';
import { allRows } from '../../../src/numerics/linear_algebra.ts';
import { alongPopulation, describePopulation } from '../../../src/numerics/probe/population.ts';
import { accuracy, fitProbe, predictProbe } from '../../../src/numerics/probe/probe.ts';
import { usualStrength } from '../../../src/numerics/probe/strength.ts';
import { Random } from '../../../src/random.ts';
import { fill } from '../../oracle.ts';
import { drawClasses, gaussian } from '../support.ts';

const [count, columns] = [19, 7];
const folder = fill('population', count * columns, 2, 1).map((value, at) => value * 2 ** (at % columns));
const some = fill('rows', 5 * columns);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>, length: number, i = 0, j = 0) => {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += a[i * length + k]! * b[j * length + k]!;
  return sum;
};

test('weighted rows have the inner products x C xᵀ, in the proportion that keeps their mean length', () => {
  const population = describePopulation(folder, columns);
  const unit = unitRows(folder, columns, allRows(count));
  const mean = Array.from({ length: columns }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += unit[i * columns + j]!;
    return sum / count;
  });
  const covariance = Array.from({ length: columns * columns }, (_, at) => {
    const [a, b] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let i = 0; i < count; i++)
      sum += ((unit[i * columns + a]! - mean[a]!) * (unit[i * columns + b]! - mean[b]!)) / count;
    return sum;
  });
  const expected = (i: number, j: number) => {
    let sum = 0;
    for (let a = 0; a < columns; a++)
      for (let b = 0; b < columns; b++)
        sum += some[i * columns + a]! * covariance[a * columns + b]! * some[j * columns + b]!;
    return sum;
  };
  const { features, columns: width } = alongPopulation(some, population);
  assert.is(width, count);
  const trace = [0, 1, 2, 3, 4].reduce((sum, i) => sum + expected(i, i), 0);
  const proportion = dot(some, some, some.length) / trace;
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 5; j++) {
      // Coordinates and rows at unit length are float32, of a few units.
      const error = dot(features, features, width, i, j) - proportion * expected(i, j);
      assert.ok(Math.abs(error) < 2e-5, `${i}, ${j}: ${error}`);
    }
  }
});

test('a classifier of weighted coordinates is one of the rows themselves', () => {
  const along = alongPopulation(some, describePopulation(folder, columns));
  const weights = Float64Array.from(fill('weights', 3 * count));
  const own = along.weights(weights);
  assert.is(own.length, 3 * columns);
  for (let i = 0; i < 5; i++) {
    for (let c = 0; c < 3; c++) {
      const error = dot(along.features, weights, count, i, c) - dot(some, own, columns, i, c);
      assert.ok(Math.abs(error) < 1e-5, `row ${i}, class ${c}: ${error}`);
    }
  }
});

test('images without features are passed over, and of very many an even choice is taken', () => {
  const silent = new Float32Array((count + 2) * columns);
  silent.set(folder.subarray(0, 4 * columns), columns);
  silent.set(folder.subarray(4 * columns), 6 * columns);
  assert.equal(describePopulation(silent, columns), describePopulation(folder, columns));
  const many = fill('many', 3000 * 2);
  assert.is(describePopulation(many, 2).rows.length, 1024 * 2);
});

test('weighting rows by hand and fitting them as they are gives the same probabilities', () => {
  const { features, labels } = drawClasses(new Random(3), { rows: 60, columns, classes: 3, separation: 3 });
  const few = labels.map((label, row) => (row < 15 ? label : -1));
  const population = describePopulation(features, columns);
  const strength = 0.7;
  const probe = fitProbe(features, few, 3, {
    population,
    scalings: ['unit+covariance'],
    strengths: [strength],
  });
  const unit = unitRows(features, columns, allRows(60));
  const byHand = new Float32Array(60 * 60);
  for (let i = 0; i < 60; i++)
    for (let j = 0; j < 60; j++) byHand[i * 60 + j] = dot(unit, population.rows, columns, i, j);
  // 60 columns of variance 1 have 60/7 times the squared length of 7, and a weight is the shorter for it.
  const options = { scalings: ['raw'] as const, strengths: [(strength * 60) / columns] };
  const plain = fitProbe(byHand, few, 3, options);
  const expected = predictProbe(plain, byHand).probabilities;
  predictProbe(probe, features).probabilities.forEach((value, at) => {
    // Both fits end at gradients of 1e-7, over a curvature of at least the strength.
    assert.ok(Math.abs(value - expected[at]!) < 1e-5, `${at}: ${value} for ${expected[at]}`);
  });
});

/** Two directions that tell three classes apart, in many that vary less and tell nothing. */
function directions(rows: number, seed: number) {
  const random = new Random(seed);
  const width = 60;
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 3);
  const features = Float32Array.from({ length: rows * width }, (_, at) => {
    const [row, j] = [Math.floor(at / width), at % width];
    const wide = j < 2 ? 2 * Math.cos(2 * labels[row]! + 1.5 * j) : 0;
    return 2 + 0.7 * gaussian(random) + wide;
  });
  return { features, labels, width };
}

test('few labels are worth more along the directions in which all images differ most', () => {
  let [along, alone] = [0, 0];
  for (let seed = 0; seed < 8; seed++) {
    const { features, labels, width } = directions(400, seed);
    const few = labels.map((label, row) => (row < 9 ? label : -1));
    const population = describePopulation(features, width);
    const probe = fitProbe(features, few, 3, { population });
    assert.is(probe.scaling, 'unit+covariance');
    along += accuracy(predictProbe(probe, features).labels, labels) / 8;
    alone += accuracy(predictProbe(fitProbe(features, few, 3), features).labels, labels) / 8;
  }
  // 3,200 rows: a deviation of chance is under a point.
  assert.ok(along > alone + 0.05, `${along} along them, ${alone} without`);
});

test('with more labels, lone ones or more than five classes nothing is weighted unless it is asked for', () => {
  const { features, labels, width } = directions(80, 1);
  const population = describePopulation(features, width);
  const scalings = (known: Int32Array, classes = 3) =>
    fitProbe(features, known, classes, { population, strengths: [1] }).scalings.map(({ scaling }) => scaling);
  const first = (wanted: number) => labels.map((label, row) => (row < wanted ? label : -1));
  assert.ok(scalings(first(24)).includes('unit+covariance'));
  assert.not(scalings(first(25)).includes('unit+covariance'));
  assert.not(
    scalings(first(13).map((label, row) => (label === 2 && row > 2 ? -1 : label))).includes(
      'unit+covariance',
    ),
  );
  const six = Int32Array.from({ length: 80 }, (_, row) => (row < 24 ? row % 6 : -1));
  assert.not(scalings(six, 6).includes('unit+covariance'));
});

test('a weighting without a population is a fault of the caller', () => {
  const labels = Int32Array.from({ length: count }, (_, row) => row % 2);
  assert.throws(
    () => fitProbe(folder, labels, 2, { scalings: ['unit+covariance'] }),
    (error: Error) => error instanceof RangeError && /population/.test(error.message),
  );
});

test('the usual strength goes with the loss’ curvature: strong for two classes, about 1 for ten', () => {
  assert.is(usualStrength(2), 2.75);
  assert.ok(Math.abs(usualStrength(10) - 0.99) < 1e-12);
  assert.ok(usualStrength(100) < 0.12);
});

test.run();
