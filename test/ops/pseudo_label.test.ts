import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { ShapeError } from '../../src/errors.ts';
import { type PseudoLabelOptions, pseudoLabelState, pseudoLabels } from '../../src/ops/pseudo_label.ts';
import { Random } from '../../src/random.ts';

const engine = await Engine.create();
const none = 0xffffffff;

/** A program that labels whatever stands in `logits`, as often as wanted. */
async function open(rows: number, classes: number, options: PseudoLabelOptions) {
  const logits = engine.input([rows, classes]);
  const state = pseudoLabelState(engine, classes);
  const program = await engine.compile(() => ({ labels: pseudoLabels(logits, state, options) }));
  return {
    state,
    async label(values: ArrayLike<number>): Promise<number[]> {
      engine.write(logits, Float32Array.from(values));
      program.run();
      return [...(await program.read()).labels];
    },
    destroy() {
      program.destroy();
      engine.free(logits);
      engine.free(state);
    },
  };
}

/** FreeMatch as the paper writes it, in float64, with averages that begin with the first step. */
class Twin {
  readonly #classes: number;
  readonly #options: PseudoLabelOptions;
  #steps: { confidence: number; classes: number[] }[] = [];

  constructor(classes: number, options: PseudoLabelOptions) {
    this.#classes = classes;
    this.#options = options;
  }

  /** Each row's top class, its probability and the threshold of that class. */
  step(logits: readonly number[][]): { winner: number; top: number; threshold: number }[] {
    const { decay, thresholds: [low, high] = [0, 1] } = this.#options;
    const rows = logits.map((row) => {
      const weights = row.map((value) => Math.exp(value - Math.max(...row)));
      const sum = weights.reduce((a, b) => a + b);
      return weights.map((weight) => weight / sum);
    });
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    this.#steps.push({
      confidence: mean(rows.map((row) => Math.max(...row))),
      classes: Array.from({ length: this.#classes }, (_, c) => mean(rows.map((row) => row[c]!))),
    });
    // An average over all steps so far, each by λ lighter than the one behind it.
    const average = (value: (step: { confidence: number; classes: number[] }) => number) => {
      const weights = this.#steps.map((_, i) => decay ** (this.#steps.length - 1 - i));
      const total = weights.reduce((a, b) => a + b);
      return this.#steps.reduce((sum, step, i) => sum + (weights[i]! / total) * value(step), 0);
    };
    const classMeans = Array.from({ length: this.#classes }, (_, c) => average(({ classes }) => classes[c]!));
    return rows.map((row) => {
      const top = Math.max(...row);
      const winner = row.indexOf(top);
      const adaptive =
        (average(({ confidence }) => confidence) * classMeans[winner]!) / Math.max(...classMeans);
      return { winner, top, threshold: Math.min(high, Math.max(low, adaptive)) };
    });
  }
}

for (const [rows, classes, thresholds] of [
  [1, 2, undefined],
  [17, 5, undefined],
  [9, 11, [0.3, 0.5]],
  [40, 3, [0.6, 1]],
] as const) {
  test(`${rows}×${classes}: labels over ten steps are those of the float64 twin`, async () => {
    const options = { decay: 0.9, ...(thresholds && { thresholds }) };
    const twin = new Twin(classes, options);
    const opened = await open(rows, classes, options);
    const random = new Random(5, rows);
    let accepted = 0;
    for (let step = 0; step < 10; step++) {
      // Surer from step to step, and with a class that is rarer than the others.
      const logits = Array.from({ length: rows }, () =>
        Array.from({ length: classes }, (_, c) =>
          Math.fround((1 + step / 3) * (2 * random.next() - (c === 0 ? 1.6 : 1))),
        ),
      );
      const labels = await opened.label(logits.flat());
      assert.is(labels.length, rows);
      twin.step(logits).forEach(({ winner, top, threshold }, row) => {
        // A lone row of the first step equals its own average: which way that falls is rounding's.
        if (Math.abs(top - threshold) < 1e-6) return;
        assert.is(labels[row], top > threshold ? winner : none, `step ${step}, row ${row}`);
        if (top > threshold) accepted++;
      });
    }
    const share = accepted / (10 * rows);
    assert.ok(share > 0.02 && share < 0.98, `${share} accepted: neither all nor none tells much`);
    opened.destroy();
  });
}

test('a class that is predicted rarely has a lower threshold', async () => {
  const opened = await open(4, 2, { decay: 0.9 });
  // The mean confidence is 0.84, which is class 0's threshold; class 1's mean probability is 0.27 beside 0.73, so 0.32
  // is its own. The last two rows are equally sure, 0.73.
  assert.equal(await opened.label([3, 0, 3, 0, 1, 0, 0, 1]), [0, 0, none, 1]);
  opened.destroy();
});

test('thresholds that cannot be met accept nothing, thresholds of zero everything', async () => {
  const logits = [9, 0, 0, 0, 9, 0, 1, 2, 3, 0, 0, 40];
  const strict = await open(4, 3, { decay: 0.9, thresholds: [1, 1] });
  assert.equal(await strict.label(logits), [none, none, none, none]);
  const lenient = await open(4, 3, { decay: 0.9, thresholds: [0, 0] });
  assert.equal(await lenient.label(logits), [0, 1, 2, 2]);
  strict.destroy();
  lenient.destroy();
});

test('labels beyond the rows are no class; a zeroed state forgets', async () => {
  const opened = await open(3, 2, { decay: 0.99, labels: 5 });
  const sure = [5, 0, 0, 5, 5, 0];
  const unsure = [0.3, 0, 0, 0.4, 0.6, 0];
  const fresh = await opened.label(unsure);
  assert.equal(fresh, [none, 1, 0, none, none]);
  engine.write(opened.state, new Float32Array(4));
  for (let i = 0; i < 5; i++) await opened.label(sure);
  assert.equal(await opened.label(unsure), [none, 1, none, none, none]);
  engine.write(opened.state, new Float32Array(4));
  assert.equal(await opened.label(unsure), fresh);
  opened.destroy();
});

test('a state of another number of classes is refused', async () => {
  const attempt = engine.compile(() => {
    pseudoLabels(engine.input([4, 3]), pseudoLabelState(engine, 4), { decay: 0.9 });
    return {};
  });
  const error = await attempt.then(
    () => undefined,
    (reason) => reason,
  );
  assert.instance(error, ShapeError);
});

test.after(() => engine.destroy());
test.run();
