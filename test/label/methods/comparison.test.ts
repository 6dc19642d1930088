import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareMethods } from '../../../src/label/methods/comparison.ts';
import { labelFolds } from '../../../src/label/methods/folds.ts';
import type { FitRequest, LabelledImages, Method } from '../../../src/label/methods/method.ts';
import { chooseTask } from '../../../src/label/task.ts';

const classes = ['a', 'b'];
const count = 100;
const truth = Int32Array.from({ length: count }, (_, i) => i % 2);
const partition = Array.from({ length: count }, (_, i) => (i < 60 ? ('train' as const) : ('test' as const)));
const task = chooseTask({ classes, labels: truth, partition }, { perClass: 10, draws: 2, seed: 0 });
const groups = Int32Array.from({ length: count }, (_, i) => i);
const folds = labelFolds(task.given, groups, 5, 0);
const run = { seed: 0, baseline: 'baseline', targetError: 0.3, groups, onStage: () => {} };

interface Call extends LabelledImages {
  readonly queries: Int32Array;
  readonly snapshot: number | undefined;
}

/** Predicts the truth of each image, but for those that `wrong` names at a snapshot. */
function oracle(name: string, wrong: (image: number, snapshot: number) => boolean, snapshots = 1) {
  const calls: Call[] = [];
  const method: Method = {
    name,
    snapshots,
    async fit({ images, labels }, { queries, snapshot }: FitRequest) {
      calls.push({ images, labels, queries, snapshot });
      const wanted = snapshot === undefined ? [...Array(snapshots).keys()] : [snapshot];
      return wanted.map((at) => {
        const logits = new Float32Array(2 * queries.length);
        queries.forEach((image, row) => {
          const predicted = wrong(image, at) ? 1 - truth[image]! : truth[image]!;
          logits[2 * row + predicted] = 3;
        });
        return logits;
      });
    },
    model: async () => ({
      origin: { name },
      head: { weight: new Float64Array(2), bias: new Float64Array(2) },
    }),
    destroy() {},
  };
  return { method, calls };
}

test('every method gets the same folds, none sees what it predicts, and all labels are predicted once', async () => {
  const one = oracle('one', (image) => image % 10 === 0);
  const two = oracle('baseline', (image) => image % 4 === 0);
  await compareMethods(task, folds, [one.method, two.method], run);
  const simple = ({ calls }: { calls: Call[] }) =>
    calls.map(({ images, labels, queries }) => [[...images], [...labels], [...queries]]);
  assert.equal(simple(one), simple(two));
  const outOfFold = one.calls.slice(0, folds.length);
  for (const { images, labels, queries } of outOfFold) {
    assert.ok(queries.every((image) => !images.includes(image)));
    assert.equal(
      [...labels],
      [...images].map((image) => task.given[image]),
    );
  }
  const predicted = outOfFold.flatMap(({ queries }) => [...queries]).sort((a, b) => a - b);
  assert.equal(
    predicted,
    [...task.given.keys()].filter((image) => task.given[image]! >= 0),
  );
});

test('accuracies are those of the counted errors, and the advantage is paired with the baseline', async () => {
  const one = oracle('one', (image) => image === 61);
  const two = oracle('baseline', (image) => image >= 60 && image < 70);
  const { rows, chosen } = await compareMethods(task, folds, [one.method, two.method], run);
  assert.is(chosen, 'one');
  assert.is(rows[0]!.outOfFold!.mean, 1);
  assert.is(rows[0]!.outOfFold!.images, 20);
  assert.ok(Math.abs(rows[0]!.heldOut!.mean - 39 / 40) < 1e-12);
  assert.ok(Math.abs(rows[1]!.heldOut!.mean - 30 / 40) < 1e-12);
  assert.is(rows[0]!.heldOut!.draws, 2);
  assert.ok(Math.abs(rows[0]!.advantage!.mean - 9 / 40) < 1e-12);
  assert.is(rows[1]!.advantage, null);
});

// 20 errorless labels rule an error of 30% out at 99.9%: 0.7²⁰ = 0.0008.
test('what each method could label automatically, and how much of that is wrong, is that of the held-out images', async () => {
  const one = oracle('one', (image) => image === 61).method;
  const two = oracle('baseline', (image) => image % 3 === 0).method;
  const { model: _, ...withoutModel } = oracle('no model', () => false).method;
  const slow = { ...oracle('slow', () => false).method, heldOutOnly: true };
  const { rows } = await compareMethods(task, folds, [one, two, withoutModel, slow], run);
  assert.is(rows[0]!.automatic!.share, 1);
  assert.ok(Math.abs(rows[0]!.automatic!.error! - 1 / 40) < 1e-12);
  assert.equal(rows[1]!.automatic, { share: 0, error: null });
  assert.is(rows[2]!.automatic, null);
  assert.is(rows[3]!.automatic, null);
});

test('held-out images choose nothing: the best out of fold labels, however it does on them', async () => {
  const overfit = oracle('overfit', (image) => image >= 60);
  const better = oracle('better', (image) => image < 60 && image % 3 === 0);
  const { chosen, rows } = await compareMethods(task, folds, [better.method, overfit.method], run);
  assert.is(chosen, 'overfit');
  assert.equal(
    rows.map((row) => row.chosen),
    [false, true],
  );
});

test('of equals the earlier method labels; one without a model or without folds never does', async () => {
  const [first, second] = [oracle('first', () => false), oracle('second', () => false)];
  const { model: _, ...withoutModel } = oracle('no model', () => false).method;
  const slow = { ...oracle('slow', () => false).method, heldOutOnly: true };
  const methods = [withoutModel, slow, first.method, second.method];
  const { chosen, rows } = await compareMethods(task, folds, methods, run);
  assert.is(chosen, 'first');
  assert.is(rows[1]!.outOfFold, null);
  assert.is(rows[1]!.heldOut!.mean, 1);
});

test('the snapshot that is right most often out of fold is the one that labels and is scored', async () => {
  const { method, calls } = oracle('net', (image, snapshot) => snapshot !== 1 && image % 2 === 0, 3);
  const { rows, logits } = await compareMethods(task, folds, [method], run);
  assert.is(rows[0]!.outOfFold!.mean, 1);
  assert.is(logits!.length, 40);
  assert.equal(
    calls.map(({ snapshot }) => snapshot),
    [...folds.map(() => undefined), 1, 1],
  );
});

test('it counts among how many candidates it chose: each snapshot of each method that could label', async () => {
  const { model: _, ...withoutModel } = oracle('no model', () => false, 5).method;
  const slow = { ...oracle('slow', () => false, 7).method, heldOutOnly: true };
  const methods = [
    oracle('one', () => false).method,
    oracle('net', () => false, 3).method,
    withoutModel,
    slow,
  ];
  const { candidates } = await compareMethods(task, folds, methods, run);
  assert.is(candidates, 4);
});

test('without folds the first method that can labels, without calibration', async () => {
  const { method } = oracle('only', () => false);
  const { chosen, logits, rows } = await compareMethods(task, [], [method], run);
  assert.is(chosen, 'only');
  assert.is(logits, null);
  assert.is(rows[0]!.outOfFold, null);
});

test('one label a class gives no folds, two give two; copies stay in one fold', () => {
  const given = new Int32Array(8).fill(-1);
  given.set([0, 1]);
  const own = Int32Array.from({ length: 8 }, (_, i) => i);
  assert.is(labelFolds(given, own, 5, 0).length, 0);
  given.set([0, 1, 0, 1]);
  assert.is(labelFolds(given, own, 2, 0).length, 2);
  given.set([0, 1, 0, 1, 0, 1, 0, 1]);
  const pairs = Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3);
  for (const { train, heldOut } of labelFolds(given, pairs, 4, 0)) {
    const trained = new Set(train.map((image) => pairs[image]!));
    assert.ok(heldOut.every((image) => !trained.has(pairs[image]!)));
  }
});

test('choosing settings is a stage of the method that chooses, as its fits are', async () => {
  const stages: string[] = [];
  let during: string | undefined;
  const { method } = oracle('one', () => false);
  const tune = async () => {
    during = stages.at(-1);
  };
  const onStage = (stage: string) => stages.push(stage);
  await compareMethods(task, folds.slice(0, 2), [oracle('two', () => true).method, { ...method, tune }], {
    ...run,
    onStage,
  });
  assert.is(during, 'one: settings');
  assert.equal(stages.slice(stages.indexOf('one: settings')), [
    'one: settings',
    'one: fold 1 of 2',
    'one: fold 2 of 2',
    'one: settings',
    'one: label draw 1 of 2',
    'one: settings',
    'one: label draw 2 of 2',
  ]);
});

test('what has learned from the labels is checked only by an official test, and labels only where nothing else can be checked', async () => {
  const seen = oracle('seen', () => false);
  const learned = { ...seen.method, learnedFromLabels: true };
  const base = oracle('base', (image) => image % 5 === 0, 3);
  const { rows, chosen, learnedFromLabels, candidates, logits } = await compareMethods(
    task,
    folds,
    [learned, base.method],
    run,
  );
  assert.is(chosen, 'base');
  assert.equal([learnedFromLabels, candidates], [false, 3]);
  assert.ok(logits);
  assert.equal([rows[0]!.outOfFold, rows[0]!.advantage], [null, null]);
  assert.is(rows[0]!.heldOut!.mean, 1, 'official test images were never given a label');
  assert.ok(seen.calls.every(({ queries }) => [...queries].every((image) => image >= 60)));

  const hidden = chooseTask({ classes, labels: truth }, { perClass: 10, seed: 0 });
  const { rows: others } = await compareMethods(hidden, folds, [learned, base.method], run);
  assert.is(others[0]!.heldOut, null, 'the encoder may have seen their labels in another draw');
  assert.is(others[1]!.heldOut!.images, count - 20);

  const alone = await compareMethods(hidden, folds, [learned], run);
  assert.equal([alone.chosen, alone.learnedFromLabels, alone.logits], ['seen', true, null]);
});

test.run();
