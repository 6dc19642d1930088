// Remakes in float64, from their descriptions alone, the fixtures that a page of code can remake: that shows that
// the descriptions suffice and that the figures are right.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import adamw from './fixtures/adamw.json';
import batchNorm from './fixtures/batch_norm_running.json';
import crossEntropy from './fixtures/cross_entropy.json';
import lars from './fixtures/lars_reference.json';
import ntXent from './fixtures/ntxent.json';
import cifar from './fixtures/resnet18_cifar.json';
import imagenet from './fixtures/resnet18_imagenet.json';
import schedule from './fixtures/schedule.json';
import sgd from './fixtures/sgd.json';
import supCon from './fixtures/supcon.json';
import { fill, fillBits, largestError, relativeError, summaryError } from './oracle.ts';

/** Fixtures keep 8 to 12 significant digits, and float64 sums differ by far less. */
const written = 1e-7;

const close = (actual: number, expected: number) =>
  assert.ok(
    Math.abs(actual - expected) < 1e-9 * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );

/** Supervised contrastive loss over rows; `positives(i)` lists the positives of row i. */
function contrastive(
  z: Float64Array,
  dimension: number,
  temperature: number,
  positives: (row: number) => number[],
): number {
  const rows = z.length / dimension;
  const row = (i: number) => z.subarray(i * dimension, (i + 1) * dimension);
  const norms = Array.from({ length: rows }, (_, i) => Math.hypot(...row(i)));
  const logit = (i: number, j: number) =>
    row(i).reduce((sum, value, k) => sum + value * row(j)[k]!, 0) / (norms[i]! * norms[j]! * temperature);
  const terms: number[] = [];
  for (let i = 0; i < rows; i++) {
    const mine = positives(i);
    const logits = Array.from({ length: rows }, (_, j) => (j === i ? Number.NEGATIVE_INFINITY : logit(i, j)));
    const most = Math.max(...logits);
    const logSumExp = most + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - most), 0));
    const gathered = mine.reduce((sum, j) => sum + logSumExp - logits[j]!, 0);
    if (mine.length > 0) terms.push(gathered / mine.length);
  }
  return terms.reduce((sum, term) => sum + term, 0) / Math.max(1, terms.length);
}

interface ContrastiveCase {
  readonly stream: string;
  readonly scale: number;
  readonly dimension: number;
  readonly temperature: number;
  readonly loss: number;
  readonly gradient: readonly number[];
}

/** The loss itself, and its gradient by central differences in two directions of unit length. */
function checkContrastive(given: ContrastiveCase, positives: (row: number) => number[]): void {
  const { stream, scale, dimension, temperature, loss, gradient } = given;
  const z = Float64Array.from(fill(stream, gradient.length, scale));
  const at = (values: Float64Array) => contrastive(values, dimension, temperature, positives);
  close(at(z), loss);
  for (const name of ['one way', 'another way']) {
    const direction = Float64Array.from(fill(name, z.length));
    const length = Math.hypot(...direction);
    const step = 1e-4;
    const moved = (by: number) => at(z.map((value, i) => value + (by * direction[i]!) / length));
    const slope = gradient.reduce((sum, value, i) => sum + (value * direction[i]!) / length, 0);
    // Central differences err by step²/6 times the third derivative, which grows with 1/temperature³.
    assert.ok(Math.abs((moved(step) - moved(-step)) / (2 * step) - slope) < 1e-6 / temperature);
  }
}

test('NT-Xent figures follow from the definition', () => {
  for (const given of ntXent.cases) {
    const { pairs } = given;
    checkContrastive(given, (row) => [(row + pairs) % (2 * pairs)]);
  }
});

test('supervised contrastive figures follow from the definition', () => {
  for (const given of supCon.cases) {
    const { labels } = given;
    checkContrastive(given, (row) =>
      [...labels.keys()].filter((j) => j !== row && labels[j] === labels[row]),
    );
  }
  const last = supCon.cases.at(-1)!;
  assert.is(new Set(last.labels).size, last.rows);
  assert.ok(last.loss === 0 && last.gradient.every((value) => value === 0));
});

test('cross-entropy figures follow from the definition', () => {
  for (const { stream, rows, classes, scale, labels, loss, gradient } of crossEntropy.cases) {
    const logits = fill(stream, rows * classes, scale);
    let total = 0;
    const expected: number[] = [];
    for (let r = 0; r < rows; r++) {
      assert.is(labels[r], fillBits(`${stream}.labels`, r) % classes);
      const row = [...logits.subarray(r * classes, (r + 1) * classes)];
      const most = Math.max(...row);
      const sum = row.reduce((s, value) => s + Math.exp(value - most), 0);
      total += Math.log(sum) + most - row[labels[r]!]!;
      for (const [c, value] of row.entries())
        expected.push((Math.exp(value - most) / sum - Number(c === labels[r])) / rows);
    }
    close(total / rows, loss);
    assert.ok(relativeError(gradient, expected) < written);
  }
});

test('batch norm: outputs and running statistics follow from the definition', () => {
  const [n, channels, h, w] = batchNorm.shape as [number, number, number, number];
  const weight = fill('batch_norm.weight', channels, 0.1, 1);
  const bias = fill('batch_norm.bias', channels, 0.1);
  const count = n * h * w;
  const channelOf = (index: number) => Math.floor(index / (h * w)) % channels;
  const runningMean = new Float64Array(channels);
  const runningVar = new Float64Array(channels).fill(1);
  const normalise = (x: Float32Array, mean: Float64Array, variance: Float64Array) =>
    Float64Array.from(x, (value, i) => {
      const c = channelOf(i);
      return ((value - mean[c]!) / Math.sqrt(variance[c]! + 1e-5)) * weight[c]! + bias[c]!;
    });
  const input = (t: number) => fill(`batch_norm.input.${t}`, count * channels, 2, 0.5);
  for (const [t, step] of batchNorm.steps.entries()) {
    const x = input(t);
    const mean = new Float64Array(channels);
    const variance = new Float64Array(channels);
    for (const [i, value] of x.entries()) mean[channelOf(i)]! += value / count;
    for (const [i, value] of x.entries())
      variance[channelOf(i)]! += (value - mean[channelOf(i)]!) ** 2 / count;
    for (let c = 0; c < channels; c++) {
      runningMean[c] = 0.9 * runningMean[c]! + 0.1 * mean[c]!;
      runningVar[c] = 0.9 * runningVar[c]! + (0.1 * variance[c]! * count) / (count - 1);
    }
    assert.ok(summaryError(`batch_norm.output.${t}`, normalise(x, mean, variance), step.output) < written);
    assert.ok(largestError(runningMean, step.runningMean) < written);
    assert.ok(largestError(runningVar, step.runningVar) < written);
  }
  const evaluated = normalise(input(0), runningMean, runningVar);
  assert.ok(summaryError('batch_norm.evaluationOutput', evaluated, batchNorm.evaluationOutput) < written);
});

/** The closed-form gradient that the optimizer fixtures share. */
function gradientOf(name: string, p: Float64Array, step: number): Float64Array {
  const curvature = fill(`optimizer.${name}.curvature`, p.length, 0.5, 1);
  const slope = fill(`optimizer.${name}.slope`, p.length);
  const noise = fill(`optimizer.${name}.noise.${step}`, p.length, 0.05);
  return p.map((value, i) => {
    const neighbour = p[(i + 1) % p.length]!;
    return curvature[i]! * value + 0.2 * neighbour + slope[i]! + 0.1 * Math.sin(3 * value) + noise[i]!;
  });
}

type Update = (p: Float64Array, gradient: Float64Array, learningRate: number, step: number) => void;

/** Runs an optimizer on one parameter and compares it wherever the fixture holds its values. */
function checkTrajectory(
  name: string,
  start: Float64Array,
  learningRates: readonly number[],
  expected: ReadonlyMap<number, readonly number[]>,
  update: Update,
): void {
  const p = start;
  for (const [t, learningRate] of learningRates.entries()) {
    update(p, gradientOf(name, p, t), learningRate, t);
    const known = expected.get(t + 1);
    if (known) assert.ok(largestError(p, known) < written, `${name} after ${t + 1} steps`);
  }
  assert.ok(expected.has(learningRates.length));
}

const initial = (name: string, count: number) => Float64Array.from(fill(`optimizer.${name}.initial`, count));

test('SGD: thirty steps follow from the formula', () => {
  for (const { momentum, nesterov, weightDecay, steps } of sgd.cases)
    for (const name of ['w', 'v'] as const) {
      const expected = new Map(steps.map((step) => [step.step, step[name]]));
      const velocity = new Float64Array(steps[0]![name].length);
      const decay = name === 'w' ? weightDecay : 0;
      checkTrajectory(name, initial(name, velocity.length), sgd.learningRates, expected, (p, g, rate) => {
        for (let i = 0; i < p.length; i++) {
          const d = g[i]! + decay * p[i]!;
          velocity[i] = momentum * velocity[i]! + d;
          p[i]! -= rate * (nesterov ? d + momentum * velocity[i]! : velocity[i]!);
        }
      });
    }
});

test('AdamW: thirty steps follow from the formula', () => {
  const [beta1, beta2] = adamw.betas as [number, number];
  for (const name of ['w', 'v'] as const) {
    const expected = new Map(adamw.steps.map((step) => [step.step, step[name]]));
    const start = initial(name, adamw.steps[0]![name].length);
    const m = new Float64Array(start.length);
    const u = new Float64Array(start.length);
    const decay = name === 'w' ? adamw.weightDecay : 0;
    checkTrajectory(name, start, adamw.learningRates, expected, (p, g, rate, t) => {
      for (let i = 0; i < p.length; i++) {
        m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
        u[i] = beta2 * u[i]! + (1 - beta2) * g[i]! ** 2;
        const scale = Math.sqrt(u[i]! / (1 - beta2 ** (t + 1))) + adamw.epsilon;
        p[i] = p[i]! * (1 - rate * decay) - (rate * m[i]!) / (1 - beta1 ** (t + 1)) / scale;
      }
    });
  }
});

test('LARS: thirty steps follow from the formula', () => {
  for (const { weightDecay, steps } of lars.cases)
    for (const name of ['w', 'z', 'v'] as const) {
      const expected = new Map(steps.map((step) => [step.step, step[name]]));
      const count = steps[0]![name].length;
      const velocity = new Float64Array(count);
      const start = name === 'z' ? new Float64Array(count) : initial(name, count);
      checkTrajectory(name, start, lars.learningRates, expected, (p, g, rate) => {
        const d = name === 'v' ? g : g.map((value, i) => value + weightDecay * p[i]!);
        const ratio = (lars.trustCoefficient * Math.hypot(...p)) / Math.hypot(...d);
        // A ratio of 0 is that of a parameter that is all zeros.
        const trust = name === 'v' || ratio === 0 || !Number.isFinite(ratio) ? 1 : ratio;
        for (let i = 0; i < count; i++)
          p[i]! -= velocity[i] = lars.momentum * velocity[i]! + rate * trust * d[i]!;
      });
    }
});

test('schedules follow from the formula, and the optimizers ran on one', () => {
  const rate = (t: number, peak: number, final: number, warmup: number, total: number) =>
    t < warmup
      ? (peak * (t + 1)) / warmup
      : final + ((peak - final) * (1 + Math.cos((Math.PI * (t - warmup)) / (total - warmup)))) / 2;
  for (const { peak, final, warmupSteps, totalSteps, values } of schedule.cases) {
    assert.is(values.length, totalSteps);
    for (const [t, value] of values.entries())
      assert.ok(Math.abs(value - rate(t, peak, final, warmupSteps, totalSteps)) < 1e-13);
  }
  for (const [t, value] of adamw.learningRates.entries()) close(value, rate(t, 0.05, 0, 5, 30));
});

test('ResNet-18 without its classifier has the published number of parameters, and features give the loss', () => {
  // torchvision's resnet18 has 11,689,512 parameters, 513,000 of them in fc.
  for (const [fixture, expected] of [
    [imagenet, 11_689_512 - 513_000],
    [cifar, 11_689_512 - 513_000 - 64 * 3 * (49 - 9)],
  ] as const) {
    const sizes = fixture.parameters.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    assert.is(
      sizes.reduce((a, b) => a + b, 0),
      expected,
    );
    const weights = fill('loss.weights', fixture.features.length);
    const loss = fixture.features.reduce((sum, value, i) => sum + value * weights[i]!, 0);
    // 8 digits of some 1,000 features of about 1 each.
    assert.ok(Math.abs(loss - fixture.loss) < 1e-5);
  }
});

test.run();
