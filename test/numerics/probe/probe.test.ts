import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../../src/errors.ts';
import {
  accuracy,
  fitProbe,
  type Probe,
  predictProbe,
  probeHead,
} from '../../../src/numerics/probe/probe.ts';
import { usualStrength } from '../../../src/numerics/probe/strength.ts';
import { Random } from '../../../src/random.ts';
import { drawClasses, gaussian } from '../support.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

/** ∇J straight from the definition, sample by sample, at the probe's own parameters. */
function gradientAt(probe: Probe, features: Float32Array, labels: Int32Array): Float64Array {
  const { classes, columns, weights, bias, mean, inverseStd, strength } = probe;
  const gradient = new Float64Array(classes * (columns + 1));
  weights.forEach((weight, at) => {
    gradient[at] = strength * weight;
  });
  labels.forEach((label, row) => {
    const x = Array.from(mean, (m, j) => (features[row * columns + j]! - m) * inverseStd[j]!);
    const logits = Array.from(bias, (b, c) =>
      x.reduce((sum, value, j) => sum + value * weights[c * columns + j]!, b),
    );
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    for (let c = 0; c < classes; c++) {
      const residual = (Math.exp(logits[c]!) / total - (c === label ? 1 : 0)) / labels.length;
      for (let j = 0; j < columns; j++) gradient[c * columns + j]! += residual * x[j]!;
      gradient[classes * columns + c]! += residual;
    }
  });
  return gradient;
}

test('the gradient vanishes at the solution, for every strength, linear scaling, ragged sizes and correlated features', () => {
  for (const [rows, columns, classes, correlation] of [
    [61, 1, 2, 0],
    [50, 17, 3, 0.999],
    [33, 70, 5, 0.5],
  ] as const) {
    const { features, labels } = drawClasses(new Random(7), { rows, columns, classes, correlation });
    for (const strength of [1e2, 1, 1e-2, 1e-4]) {
      const probe = fitProbe(features, labels, classes, {
        strengths: [strength],
        scalings: [correlation > 0.9 ? 'raw' : 'standardised'],
      });
      assert.is(probe.strength, strength);
      // The solver stops at 1e-7; the rest is the rounding of two ways to sum, about 1e-14.
      const largest = Math.max(...gradientAt(probe, features, labels).map(Math.abs));
      assert.ok(largest < 1.01e-7, `strength ${strength}: the gradient's largest entry is ${largest}`);
      near(probe.gradientNorm, largest, 1e-10);
    }
  }
});

test('features are standardised by the training rows, and the probe keeps the figures', () => {
  const { features, labels } = drawClasses(new Random(8), { rows: 40, columns: 6, classes: 2 });
  const probe = fitProbe(features, labels, 2, { scalings: ['standardised'] });
  for (let j = 0; j < 6; j++) {
    const column = Array.from({ length: 40 }, (_, row) => features[row * 6 + j]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / 40;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 40;
    near(probe.mean[j]!, mean, 1e-12);
    near(probe.inverseStd[j]!, 1 / Math.sqrt(variance), 1e-12);
  }
});

test('two mirrored points: the margin solves σ(−δ) = λδ/2', () => {
  // x̂ = ±1 and W = (−δ/2, δ/2): J = log(1 + e^(−δ)) + λδ²/4.
  const strength = 0.1;
  let low = 0;
  let high = 100;
  for (let i = 0; i < 100; i++) {
    const delta = (low + high) / 2;
    if (1 / (1 + Math.exp(delta)) > (strength * delta) / 2) low = delta;
    else high = delta;
  }
  const probe = fitProbe(Float32Array.of(5, 9, 5, 9), Int32Array.of(0, 1, 0, 1), 2, {
    strengths: [strength],
    scalings: ['standardised'],
  });
  // A gradient of 1e-7 over a curvature of at least λ/2.
  near(probe.weights[1]! - probe.weights[0]!, low, 4e-6);
  near(probe.weights[0]!, -low / 2, 4e-6);
  near(probe.bias[0]!, 0, 1e-6);
  const { logits, probabilities } = predictProbe(probe, Float32Array.of(9));
  near(logits[1]! - logits[0]!, low, 1e-5);
  near(probabilities[1]!, 1 / (1 + Math.exp(-low)), 1e-5);
});

test('features that say nothing, equal or zero, give the classes by their shares', () => {
  for (const value of [0, 0.1, 1e6]) {
    const features = new Float32Array(10 * 4).fill(value);
    const probe = fitProbe(features, Int32Array.of(0, 0, 0, 0, 0, 1, 1, 1, 2, 2), 3);
    const { probabilities } = predictProbe(probe, features);
    near(probabilities[0]!, 0.5, 1e-5);
    near(probabilities[1]!, 0.3, 1e-5);
    near(probabilities[2]!, 0.2, 1e-5);
  }
});

test('a probe learns what is there, and shuffled labels give chance', () => {
  const random = new Random(9);
  const all = drawClasses(random, { rows: 1400, columns: 32, classes: 5, separation: 5 });
  const features = all.features.subarray(0, 400 * 32);
  const labels = all.labels.subarray(0, 400);
  const heldOut = all.features.subarray(400 * 32);
  const truth = all.labels.subarray(400);
  const score = (probe: Probe) => accuracy(predictProbe(probe, heldOut).labels, truth);
  assert.ok(score(fitProbe(features, labels, 5)) > 0.95);
  const shuffled = fitProbe(features, random.shuffle(labels.slice()), 5);
  // One in five; four standard deviations of 1000 draws, and of 400 for the best of the strengths.
  near(score(shuffled), 0.2, 0.05);
  assert.ok(Math.max(...shuffled.validation.map((entry) => entry.accuracy)) < 0.28);
});

test('validation scores rows that the fit has not seen', () => {
  // More columns than rows: every labelling can be fitted, so in-sample accuracy would be 1.
  const random = new Random(12);
  const features = Float32Array.from({ length: 60 * 100 }, () => gaussian(random));
  const labels = Int32Array.from({ length: 60 }, (_, row) => row % 3);
  const probe = fitProbe(features, labels, 3, { strengths: [1e-3, 1e-4] });
  assert.is(accuracy(predictProbe(probe, features).labels, labels), 1);
  // Chance is 20 ± 3.7 right of 60.
  for (const entry of probe.validation) assert.ok(entry.accuracy < 0.6);
});

test('one label per class falls back to the usual strength; a lone label among others does not stop validation', () => {
  const { features, labels } = drawClasses(new Random(13), {
    rows: 4,
    columns: 8,
    classes: 4,
    separation: 20,
  });
  const probe = fitProbe(features, labels, 4);
  assert.is(probe.strength, usualStrength(4));
  assert.equal(probe.validation, []);
  assert.equal(predictProbe(probe, features).labels, labels);
  const more = drawClasses(new Random(13), { rows: 33, columns: 8, classes: 4, separation: 20 });
  const lone = more.labels.map((label, row) => (label === 3 && row > 3 ? -1 : label));
  const fitted = fitProbe(more.features, lone, 4, { strengths: [0.1, 0.01] });
  assert.is(fitted.validation.length, 2);
  // The lone row is held out once, when its class cannot be predicted.
  near(Math.max(...fitted.validation.map((entry) => entry.accuracy)), 25 / 26, 1e-12);
  assert.is(predictProbe(fitted, more.features).labels[3], 3);
});

test('a fold whose other rows all have one class is left out', () => {
  const { features, labels } = drawClasses(new Random(13), {
    rows: 3,
    columns: 8,
    classes: 2,
    separation: 20,
  });
  const probe = fitProbe(features, labels, 2, { strengths: [0.1, 0.01] });
  assert.ok(probe.gradientNorm <= 1e-7);
  // Holding the lone row out leaves one class to learn; of the other fold the one row of class 0 is told right.
  assert.is(probe.validation[0]?.accuracy, 1);
  assert.equal(predictProbe(probe, features).labels, labels);
});

test('a class nobody labelled is never predicted, and unlabelled rows change nothing', () => {
  const { features, labels } = drawClasses(new Random(14), {
    rows: 60,
    columns: 5,
    classes: 3,
    separation: 3,
  });
  const some = labels.map((label, row) => (row < 30 ? label : -1));
  const probe = fitProbe(features, some, 3);
  const alone = fitProbe(features.slice(0, 30 * 5), labels.slice(0, 30), 3);
  assert.equal(probe, alone);
  const wide = fitProbe(
    features,
    labels.map((label) => label * 2),
    7,
    { strengths: [0.1], scalings: ['standardised'] },
  );
  const narrow = fitProbe(features, labels, 3, { strengths: [0.1], scalings: ['standardised'] });
  const { logits, probabilities, labels: predicted } = predictProbe(wide, features);
  assert.equal(
    predicted,
    predictProbe(narrow, features).labels.map((label) => label * 2),
  );
  for (const absent of [1, 3, 5, 6]) {
    assert.is(logits[absent], -Infinity);
    assert.is(probabilities[absent], 0);
  }
});

test('the same seed gives the same probe; scale and offset of the features do not matter', () => {
  const { features, labels } = drawClasses(new Random(15), {
    rows: 90,
    columns: 12,
    classes: 3,
    separation: 2,
  });
  const probe = fitProbe(features, labels, 3, { seed: 3 });
  assert.equal(fitProbe(features, labels, 3, { seed: 3 }), probe);
  const seeds = [0, 1, 2, 4].map((seed) => fitProbe(features, labels, 3, { seed }).validation);
  assert.ok(seeds.some((validation) => JSON.stringify(validation) !== JSON.stringify(probe.validation)));
  // Powers of two keep float32 exact.
  const moved = fitProbe(
    features.map((value) => value * 1024),
    labels,
    3,
    { seed: 3 },
  );
  assert.is(moved.strength, probe.strength);
  moved.weights.forEach((weight, at) => {
    near(weight, probe.weights[at]!, 1e-9);
  });
});

test('a unit that is silent in the labelled rows cannot decide the others', () => {
  const { features, labels } = drawClasses(new Random(16), {
    rows: 20,
    columns: 4,
    classes: 2,
    separation: 6,
  });
  for (let row = 0; row < 20; row++) features[row * 4 + 3] = row === 0 ? 1e-6 : 0;
  const probe = fitProbe(features, labels, 2);
  const awake = features.map((value, at) => (at % 4 === 3 ? 1 : value));
  assert.equal(predictProbe(probe, awake).labels, predictProbe(probe, features).labels);
});

test('the layer on raw features gives the same logits', () => {
  const { features, labels } = drawClasses(new Random(17), { rows: 30, columns: 5, classes: 3 });
  const probe = fitProbe(features, labels, 3, { scalings: ['standardised'] });
  const { weight, bias } = probeHead(probe);
  const { logits } = predictProbe(probe, features);
  for (let row = 0; row < 30; row++) {
    for (let c = 0; c < 3; c++) {
      let raw = bias[c]!;
      let standardised = probe.bias[c]!;
      for (let j = 0; j < 5; j++) {
        const x = features[row * 5 + j]!;
        raw += x * weight[c * 5 + j]!;
        standardised += (x - probe.mean[j]!) * probe.inverseStd[j]! * probe.weights[c * 5 + j]!;
      }
      near(raw, standardised, 1e-12);
      // Logits are float32.
      near(logits[row * 3 + c]!, standardised, 1e-6 * (1 + Math.abs(standardised)));
    }
  }
});

test('fitting leaves features and labels as they were', () => {
  const { features, labels } = drawClasses(new Random(18), { rows: 30, columns: 5, classes: 3 });
  const before = [features.slice(), labels.slice()];
  fitProbe(features, labels, 3);
  assert.equal([features, labels], before);
});

test('accuracy counts the rows whose class is known', () => {
  assert.is(accuracy(Int32Array.of(0, 1, 2, 2), Int32Array.of(0, 2, -1, 2)), 2 / 3);
  assert.throws(() => accuracy(Int32Array.of(0), Int32Array.of(-1)), /no row has a known class/);
});

test('impossible requests say what to do', () => {
  const { features, labels } = drawClasses(new Random(19), { rows: 10, columns: 4, classes: 2 });
  const refused = (act: () => unknown, reason: RegExp) =>
    assert.throws(act, (error: unknown) => error instanceof UserError && reason.test(error.message));
  refused(() => fitProbe(features, labels.fill(1), 2), /at least two classes but got 1/);
  refused(() => fitProbe(features, labels.fill(-1), 2), /at least two classes but got 0/);
  refused(() => fitProbe(features, labels, 2, { strengths: [0] }), /positive/);
  const broken = features.slice();
  broken[9] = Number.NaN;
  refused(() => fitProbe(broken, labels, 2), /feature 1 of row 2 is NaN/);
});

test.run();
