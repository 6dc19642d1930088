import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classShares } from '../../../src/label/confidence/class_shares.ts';
import { folderAccuracy } from '../../../src/label/confidence/folder_accuracy.ts';
import { logGamma } from '../../../src/numerics/incomplete_beta.ts';
import { betaDraw, dirichletDraw, gammaDraw } from '../../../src/numerics/sampling/gamma_draws.ts';
import { Random } from '../../../src/random.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('gamma, beta and Dirichlet draws have the means and variances of the closed forms', () => {
  const random = new Random(3);
  for (const shape of [0.3, 1, 7.5]) {
    const draws = Array.from({ length: 20000 }, () => gammaDraw(random, shape));
    // Mean and variance of a gamma variable are its shape; five standard errors.
    near(mean(draws), shape, 5 * Math.sqrt(shape / 20000));
    const fourth = 3 * shape * shape + 6 * shape;
    near(mean(draws.map((x) => (x - shape) ** 2)), shape, 5 * Math.sqrt((fourth - shape * shape) / 20000));
  }
  near(mean(Array.from({ length: 5000 }, () => betaDraw(random, 2, 6))), 0.25, 0.01);
  const shares = Array.from({ length: 5000 }, () => dirichletDraw(random, [2, 0, 6]));
  near(mean(shares.map((own) => own[0]!)), 0.25, 0.01);
  assert.ok(shares.every((own) => own[1] === 0));
});

/** The posterior mean of the second class's share, and the chance of a random sample, by sums over a grid. */
function posteriorOnGrid(confusion: readonly (readonly number[])[], predicted: readonly number[]) {
  const [[a, b], [c, d]] = confusion as [[number, number], [number, number]];
  const told = (a + d + 0.5) / (a + b + c + d + 1);
  const steps = 100;
  const grid = Array.from({ length: steps }, (_, i) => (i + 0.5) / steps);
  const beta = (x: number, p: number, q: number) =>
    Math.exp(logGamma(p + q) - logGamma(p) - logGamma(q) + (p - 1) * Math.log(x) + (q - 1) * Math.log(1 - x));
  const first = grid.map((x) => beta(x, a + told, b + 1 - told));
  const second = grid.map((x) => beta(x, d + told, c + 1 - told));
  const sums = [
    { all: 0, share: 0 },
    { all: 0, share: 0 },
  ];
  for (const share of grid) {
    let likelihood = 0;
    grid.forEach((r0, i) => {
      grid.forEach((r1, j) => {
        const named = share * r1 + (1 - share) * (1 - r0);
        const top = predicted[1]! / (predicted[0]! + predicted[1]!);
        // Relative to its largest value, which cancels.
        const log = predicted[1]! * Math.log(named / top) + predicted[0]! * Math.log((1 - named) / (1 - top));
        likelihood += first[i]! * second[j]! * Math.exp(log);
      });
    });
    [1, beta(share, 1 + c + d, 1 + a + b)].forEach((prior, model) => {
      sums[model]!.all += prior * likelihood;
      sums[model]!.share += prior * likelihood * share;
    });
  }
  const all = sums[0]!.all + sums[1]!.all;
  return { share: (sums[0]!.share + sums[1]!.share) / all, sampled: sums[1]!.all / all };
}

test('shares and the chance of a random sample are those of sums over a grid', () => {
  for (const [confusion, predicted] of [
    [
      [
        [30, 10],
        [4, 36],
      ],
      [150, 450],
    ],
    [
      [
        [18, 2],
        [3, 37],
      ],
      [200, 400],
    ],
  ] as const) {
    const expected = posteriorOnGrid(confusion, predicted);
    const found = classShares({ confusion, predicted }, 1);
    // 800 dependent draws of a spread of up to 0.08.
    near(found.mean[1]!, expected.share, 0.02);
    near(found.sampled, expected.sampled, 0.1);
  }
});

test('with many labels shares are the adjusted counts, and a class without labels has none', () => {
  // Rogan & Gladen 1978: (0.4 − 0.1) / (0.8 + 0.9 − 1).
  const confusion = [
    [9000, 1000, 0],
    [2000, 8000, 0],
    [0, 0, 0],
  ];
  const { mean: shares, intervals } = classShares({ confusion, predicted: [6000, 4000, 0] }, 1);
  near(shares[1]!, 0.3 / 0.7, 0.01);
  assert.is(shares[2], 0);
  assert.ok(intervals[1]![0] < 0.3 / 0.7 && intervals[1]![1] > 0.3 / 0.7);
});

/** A draw of 40 labels a class of two that are told in 90 and 83%, and of predictions of 3,000 other images. */
function drawn(random: Random, share: number) {
  const recalls = [0.9, 0.83];
  const confusion = [new Float64Array(2), new Float64Array(2)];
  const hits = new Uint8Array(80);
  for (let row = 0; row < 80; row++) {
    const label = row % 2;
    hits[row] = random.next() < recalls[label]! ? 1 : 0;
    confusion[label]![hits[row] ? label : 1 - label]!++;
  }
  const named = share * recalls[1]! + (1 - share) * (1 - recalls[0]!);
  const accuracy = share * recalls[1]! + (1 - share) * recalls[0]!;
  return { confusion, hits, predicted: [3000 * (1 - named), 3000 * named], accuracy };
}

test('intervals of shares and of the accuracy hold what is true where labels are no sample of the images', () => {
  const random = new Random(5);
  let [shares, accuracies] = [0, 0];
  for (let draw = 0; draw < 20; draw++) {
    const { confusion, hits, predicted, accuracy } = drawn(random, 0.85);
    const found = classShares({ confusion, predicted }, draw);
    const [low, high] = found.intervals[1]!;
    if (low <= 0.85 && 0.85 <= high) shares++;
    const weights = Float64Array.from({ length: 80 }, (_, row) => (row % 2 === 1 ? 1.7 : 0.3));
    const groups = Int32Array.from(hits.keys());
    const { interval } = folderAccuracy({ shares: found, tried: [hits], groups, weights, seed: 0 });
    if (interval[0] <= accuracy && accuracy <= interval[1]) accuracies++;
  }
  // Of 20 draws at 95% fewer than 16 hold in 0.3% of cases.
  assert.ok(shares >= 16, `${shares} of 20`);
  assert.ok(accuracies >= 16, `${accuracies} of 20`);
});

test.run();
