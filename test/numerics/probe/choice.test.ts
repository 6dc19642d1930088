import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { headLogits } from '../../../src/numerics/linear_head.ts';
import type { FeatureScaling } from '../../../src/numerics/probe/feature_scaling.ts';
import { accuracy, fitProbe, predictProbe, probeHead } from '../../../src/numerics/probe/probe.ts';
import { usualStrength } from '../../../src/numerics/probe/strength.ts';
import { Random } from '../../../src/random.ts';
import oracle from '../../fixtures/probe.json';
import { fill } from '../../oracle.ts';
import { drawClasses, gaussian } from '../support.ts';

test('with each scaling the probabilities are those of scikit-learn’s logistic regression', () => {
  const columns = 13;
  const features = fill('probe:features', 36 * columns).map((value, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return value * 2 ** (column % 4) * 2 ** (row % 3) + 1.5;
  });
  const labels = Int32Array.from({ length: 31 }, (_, row) => row % 3);
  for (const { scaling, strength, probabilities } of oracle.cases) {
    const options = { scalings: [scaling as FeatureScaling], strengths: [strength] };
    const probe = fitProbe(features.subarray(0, 31 * columns), labels, 3, options);
    const own = predictProbe(probe, features.subarray(31 * columns)).probabilities;
    probabilities.flat().forEach((expected, at) => {
      // A gradient of 1e-7 over a curvature of at least 0.03, and unit rows in float32.
      assert.ok(
        Math.abs(own[at]! - expected) < 2e-5,
        `${scaling}, λ ${strength}: ${own[at]} for ${expected}`,
      );
    });
  }
});

/** Two columns that tell the classes apart, and many of little variance that do not. */
function principalComponents(rows: number, seed: number) {
  const random = new Random(seed);
  const columns = 40;
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 3);
  const features = Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const size = column < 2 ? 1 : 0.2;
    return size * gaussian(random) + (column < 2 ? 3 * Math.cos(2 * labels[row]! + 1.5 * column) : 0);
  });
  return { features, labels, columns };
}

test('where standardising blows noise up, the raw features are chosen, and the head is linear', () => {
  const { features, labels, columns } = principalComponents(360, 1);
  const few = 60;
  const probe = fitProbe(features.subarray(0, few * columns), labels.subarray(0, few), 3, {
    scalings: ['standardised', 'raw', 'unit+standardised', 'unit'],
  });
  assert.ok(['raw', 'unit'].includes(probe.scaling), probe.scaling);
  assert.ok(probe.scalings.length === 4);
  const only = fitProbe(features.subarray(0, few * columns), labels.subarray(0, few), 3, {
    scalings: ['standardised'],
  });
  const score = (fitted: typeof probe) =>
    accuracy(predictProbe(fitted, features.subarray(few * columns)).labels, labels.subarray(few));
  assert.ok(score(probe) > score(only) + 0.05, `${score(probe)} against ${score(only)}`);
});

test('where rows differ in length alone, length 1 is chosen, and the head says and does it', () => {
  const random = new Random(3);
  const columns = 10;
  const drawn = drawClasses(random, { rows: 300, columns, classes: 3, separation: 4 });
  const lengths = Float64Array.from({ length: 300 }, () => Math.exp(1.5 * gaussian(random)));
  const features = drawn.features.map((value, at) => (value - 3) * lengths[Math.floor(at / columns)]!);
  const probe = fitProbe(features, drawn.labels, 3);
  assert.ok(probe.scaling.startsWith('unit'), probe.scaling);
  const head = probeHead(probe);
  assert.is(head.unitLength, true);
  assert.equal(headLogits(head, features), predictProbe(probe, features).logits);
  // Float32 rows of other lengths; logits of a few units.
  const doubled = headLogits(
    head,
    features.map((value) => 3 * value),
  );
  const own = headLogits(head, features);
  assert.ok(own.every((logit, at) => Math.abs(doubled[at]! - logit) < 1e-5));
});

test('rows that all have one length are not brought to it', () => {
  const { features, labels, columns } = principalComponents(60, 4);
  const unit = features.map((value, at) => {
    const first = at - (at % columns);
    return value / Math.hypot(...features.subarray(first, first + columns));
  });
  const { scaling, scalings } = fitProbe(unit, labels, 3);
  assert.is(scaling, 'raw');
  assert.ok(scalings.every((score) => !score.scaling.startsWith('unit')));
});

test('where no scaling is better, the first is left in few draws, and the score is hardly flattered', () => {
  const draws = 60;
  let left = 0;
  let flattered = 0;
  for (let seed = 0; seed < draws; seed++) {
    const random = new Random(100 + seed);
    const features = Float32Array.from({ length: 40 * 8 }, () => 2 + gaussian(random));
    const labels = Int32Array.from({ length: 40 }, (_, row) => row % 2);
    const { scaling, scalings, strength, validation } = fitProbe(features, labels, 2);
    if (scaling !== 'unit') left++;
    flattered += validation.find((score) => score.strength === strength)!.accuracy - 0.5;
    assert.is(scalings[0]!.scaling, 'unit');
  }
  // Three rivals, each clearly better by chance in one draw of twenty at most: 9 expected, 17 with three deviations.
  assert.ok(left <= 17, `${left} of ${draws}`);
  // The best of nine strengths and four scalings by accuracy alone is right in 0.6 and more of pure noise.
  assert.ok(flattered / draws < 0.05, `${flattered / draws}`);
});

test('beyond 500 rows scalings are compared on some of them, all copies of a row or none', () => {
  const { features, labels } = principalComponents(1500, 5);
  const probe = fitProbe(features, labels, 3, { strengths: [1, 0.1] });
  assert.is(probe.scalings[0]!.scaling, 'unit');
  const groups = Int32Array.from(labels.keys(), (row) => row % 4);
  const grouped = fitProbe(features, labels, 3, { strengths: [1, 0.1], groups });
  assert.ok(grouped.validation.length === 2);
});

test('the strength is the best in cross-validation, but one far from the usual must be better by more than chance', () => {
  const far = drawClasses(new Random(10), { rows: 40, columns: 8, classes: 2, separation: 100 });
  const separated = fitProbe(far.features, far.labels, 2, { strengths: [1e-3, 10, 0.1] });
  assert.equal(
    separated.validation.map((entry) => entry.accuracy),
    [1, 1, 1],
  );
  assert.equal(
    separated.validation.map((entry) => entry.strength),
    [10, 0.1, 1e-3],
  );
  assert.is(separated.strength, 10, 'the nearest to the usual 2.75');
  assert.is(fitProbe(far.features, far.labels, 2).strength, usualStrength(2));
  const close = drawClasses(new Random(11), { rows: 60, columns: 40, classes: 3, separation: 2 });
  const { validation, strength } = fitProbe(close.features, close.labels, 3);
  const most = Math.max(...validation.map((entry) => entry.accuracy));
  const error = Math.sqrt((1 - most) / 60);
  const scores = validation.map(
    (entry) => entry.accuracy - error * Math.abs(Math.log10(entry.strength / usualStrength(3))),
  );
  assert.is(validation[scores.indexOf(Math.max(...scores))]!.strength, strength);
  // Where columns are mostly noise a strong penalty is worth more than chance.
  const noisy = drawClasses(new Random(11), { rows: 400, columns: 150, classes: 2, separation: 3 });
  assert.ok(fitProbe(noisy.features, noisy.labels, 2).strength >= usualStrength(2));
});

test.run();
