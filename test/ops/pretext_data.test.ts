import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { type Bank, drawImages, enqueue, recall, remember } from '../../src/ops/pretext/memory.ts';
import { sinkhornCodes } from '../../src/ops/pretext/swav.ts';
import {
  inAllTurns,
  neighbouringPatches,
  permutedPatches,
  someViews,
  turnedByChance,
} from '../../src/ops/pretext/transforms.ts';
import { distantPermutations } from '../../src/pretext/parts/permutations.ts';
import { fill, largestError } from '../oracle.ts';
import { pcg4d } from '../twins/augment.ts';

// What predictive methods and memories do to numbers is copying: compared bit for bit.
const engine = await Engine.create();
const [images, side, seed, step] = [3, 7, 11, 5];
const numbers = [4, 9, 2];
const values = fill('views', images * side * side * 4);
const views = engine.input([images, side, side, 4], 'f32', values);
const draws = {
  numbers: engine.input([images], 'u32', Uint32Array.from(numbers)),
  counter: engine.input([2], 'u32', Uint32Array.of(seed, step)),
};

async function evaluate<Outputs extends Record<string, Tensor>>(body: () => Outputs) {
  const program = await engine.compile(body);
  program.run();
  const outputs = await program.read();
  program.destroy();
  return outputs;
}

const pixel = (image: number, row: number, column: number) =>
  values.subarray(4 * ((image * side + row) * side + column)).subarray(0, 4);

/** The view by quarter turns against the clock, one after the other. */
function turned(image: number, turns: number): number[] {
  let places = Array.from({ length: side }, (_, i) =>
    Array.from({ length: side }, (_, j) => [i, j] as const),
  );
  for (let turn = 0; turn < turns; turn++)
    places = places.map((row, i) => row.map((_, j) => places[j]![side - 1 - i]!));
  return places.flat().flatMap(([i, j]) => [...pixel(image, i, j)]);
}

const choice = (image: number, choices: number) => pcg4d([seed, step, image, 32])[0]! % choices;

test('rotations by quarter turns are exact, each view in each turn, and by chance', async () => {
  const { all, chance } = await evaluate(() => ({
    all: inAllTurns(views),
    chance: turnedByChance(views, draws),
  }));
  const expected = [0, 1, 2, 3].flatMap((turn) => [0, 1, 2].flatMap((image) => turned(image, turn)));
  assert.is(largestError(all, expected), 0);
  const drawn = numbers.flatMap((number, image) => turned(image, choice(number, 4)));
  assert.is(largestError(chance, drawn), 0);
});

test('patches are windows of their cells, in the order that was drawn; views are taken as they are', async () => {
  const patch = { side: 1, cell: 2, margin: 0, freedom: 1 };
  const window = (image: number, k: number, cell: number) => {
    const [dx, dy] = pcg4d([seed, step, numbers[image]!, 33 + k]).map((word) => word % 2) as [number, number];
    return [...pixel(image, 2 * Math.floor(cell / 3) + dx, 2 * (cell % 3) + dy)];
  };
  const orders = distantPermutations(5);
  const table = engine.input([5, 9], 'f32', Float32Array.from(orders.flat()));
  const results = await evaluate(() => {
    const pairs = neighbouringPatches(views, draws, patch);
    const nine = permutedPatches(views, draws, patch, table);
    return {
      ...{ pairs: pairs.patches, places: pairs.labels, nine: nine.patches, orders: nine.labels },
      last: someViews(views, 1, 2),
    };
  });
  const places = numbers.map((number) => choice(number, 8));
  assert.equal([...results.places], places);
  const beside = [0, 1, 2, 3, 5, 6, 7, 8];
  const pairs = places.flatMap((place, image) => [
    ...window(image, 0, 4),
    ...window(image, 1, beside[place]!),
  ]);
  assert.is(largestError(results.pairs, pairs), 0);
  assert.equal(
    [...results.orders],
    numbers.map((number) => choice(number, 5)),
  );
  const nine = numbers.flatMap((number, image) =>
    orders[choice(number, 5)]!.flatMap((cell, k) => window(image, k, cell)),
  );
  assert.is(largestError(results.nine, nine), 0);
  assert.is(largestError(results.last, values.subarray(values.length / 3)), 0);
});

const unit = (row: readonly number[]) => row.map((value) => value / Math.hypot(...row));

test('a queue holds the newest rows, each normalised, the oldest going first, round its end', async () => {
  const [rows, columns, batch] = [7, 3, 3];
  const queue = engine.input([rows, columns]);
  const keys = engine.input([batch, columns]);
  const program = await engine.compile(() => {
    enqueue(queue, keys, draws.counter);
    return {};
  });
  const expected = Array.from({ length: rows }, () => [0, 0, 0]);
  for (let t = 0; t < 6; t++) {
    const given = fill(`keys ${t}`, batch * columns);
    // Not finite: the place keeps what it held.
    if (t === 4) given[0] = Number.NaN;
    engine.write(keys, given);
    engine.write(draws.counter, Uint32Array.of(seed, t));
    program.run();
    for (let i = t === 4 ? 1 : 0; i < batch; i++)
      expected[(t * batch + i) % rows] = unit([...given.subarray(i * columns, (i + 1) * columns)]);
  }
  engine.write(draws.counter, Uint32Array.of(seed, step));
  const [held] = await engine.read(queue);
  // An inverse square root of 2 ulp.
  assert.ok(largestError(held!, expected.flat()) < 1e-6);
});

test('a bank in parts: the rows of the images that were seen move by the momentum, all others stay', async () => {
  const [total, columns, rowsOfPart, momentum] = [11, 5, 4, 0.25];
  const start = Array.from({ length: total }, (_, i) => unit([...fill(`row ${i}`, columns)]));
  // Of no direction: the first features set it.
  start[2] = [0, 0, 0, 0, 0];
  const parts = [0, 4, 8].map((first) => {
    const rows = start.slice(first, first + rowsOfPart);
    return engine.input([rows.length, columns], 'f32', Float32Array.from(rows.flat()));
  });
  const bank: Bank = { parts, rowsOfPart, total, columns };
  const seen = [8, 2, 10, 3, 7];
  const given = fill('features', seen.length * columns, 3);
  given[4 * columns + 1] = Number.POSITIVE_INFINITY;
  const features = engine.input([seen.length, columns], 'f32', given);
  const chosen = engine.input([seen.length], 'u32', Uint32Array.from(seen));
  const { rows, drawn } = await evaluate(() => ({
    rows: recall(bank, chosen),
    drawn: drawImages(bank, 9, draws.counter),
  }));
  assert.is(largestError(rows, seen.flatMap((image) => start[image]!).map(Math.fround)), 0);
  assert.equal(
    [...drawn],
    Array.from({ length: 9 }, (_, i) => pcg4d([seed, step, i, 48])[0]! % total),
  );
  await evaluate(() => {
    remember(bank, chosen, features, momentum);
    return {};
  });
  const held = (await engine.read(...parts)).flatMap((part) => [...part]);
  const expected = start.map((row, image) => {
    const place = seen.indexOf(image);
    // The last one's features are not finite.
    if (place < 0 || place === 4) return row.map(Math.fround);
    const feature = unit([...given.subarray(place * columns, (place + 1) * columns)]);
    return unit(row.map((value, k) => momentum * value + (1 - momentum) * feature[k]!));
  });
  for (let image = 0; image < total; image++) {
    const [row, wanted] = [held.slice(image * columns, (image + 1) * columns), expected[image]!];
    const moved = seen.includes(image) && image !== 7;
    assert.ok(largestError(row, wanted) <= (moved ? 1e-6 : 0), `row ${image}`);
  }
});

/** Codes of one view as the paper has them, plainly: rows and columns of exp(s/ε) scaled in turn. */
function plainCodes(scores: readonly (readonly number[])[], epsilon: number, iterations: number): number[][] {
  const [rows, columns] = [scores.length, scores[0]!.length];
  let q = scores.map((row) => row.map((score) => Math.exp(score / epsilon)));
  for (let sweep = 0; sweep < iterations; sweep++) {
    const sums = q[0]!.map((_, k) => q.reduce((sum, row) => sum + row[k]!, 0));
    q = q.map((row) => row.map((value, k) => value / (columns * sums[k]!)));
    q = q.map((row) => {
      const sum = row.reduce((total, value) => total + value, 0);
      return row.map((value) => value / (rows * sum));
    });
  }
  return q.map((row) => row.map((value) => rows * value));
}

test('codes are Sinkhorn-Knopp’s of each view; rows sum to one, prototypes share them alike in the end', async () => {
  const [count, prototypes] = [9, 17];
  const given = fill('scores', 2 * count * prototypes);
  const scores = engine.input([2 * count, prototypes], 'f32', given);
  const { three, sharp, many } = await evaluate(() => ({
    three: sinkhornCodes(scores),
    // e^{s/ε} itself would leave f32.
    sharp: sinkhornCodes(scores, { epsilon: 0.008 }),
    many: sinkhornCodes(scores, { epsilon: 0.2, iterations: 40 }),
  }));
  const rowsOf = (values: ArrayLike<number>) =>
    Array.from({ length: 2 * count }, (_, i) =>
      Array.from({ length: prototypes }, (_, k) => values[i * prototypes + k]!),
    );
  const plain = (epsilon: number, iterations: number) =>
    [0, count].flatMap((first) =>
      plainCodes(rowsOf(given).slice(first, first + count), epsilon, iterations).flat(),
    );
  // Exponents of up to 2/ε in f32: 20·2⁻²⁴ each, and 125·2⁻²⁴; a code is at most 1.
  assert.ok(largestError(three, plain(0.05, 3)) < 1e-5);
  assert.ok(largestError(sharp, plain(0.008, 3)) < 1e-4);
  for (const codes of [three, sharp, many])
    for (const row of rowsOf(codes)) {
      const sum = row.reduce((total, value) => total + value, 0);
      assert.ok(Math.abs(sum - 1) < 2e-6, `a row sums to ${sum}`);
    }
  for (const first of [0, count])
    for (let k = 0; k < prototypes; k++) {
      const sum = rowsOf(many)
        .slice(first, first + count)
        .reduce((total, row) => total + row[k]!, 0);
      assert.ok(Math.abs(sum - count / prototypes) < 2e-6, `a prototype has ${sum} rows`);
    }
});

test.after(() => engine.destroy());
test.run();
