import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type NextInputs, nextImages } from '../../../src/label/findings/acquisition.ts';
import { normals } from '../../../src/label/findings/near_pairs.ts';
import { accuracy, fitProbe, predictProbe } from '../../../src/numerics/probe/probe.ts';
import { Random } from '../../../src/random.ts';

const columns = 8;
const sizes = [60, 40, 25, 15, 10, 6];

/** Groups of unequal size about directions of their own, one after the other. */
function draw(seed: number, noise = 0.5) {
  const random = new Random(seed);
  const means = sizes.map(() => normals(columns, random).map((value) => 3 * value));
  const group = Int32Array.from(sizes.flatMap((size, number) => new Array<number>(size).fill(number)));
  const features = new Float32Array(group.length * columns);
  group.forEach((number, row) => {
    features.set(
      normals(columns, random).map((value, j) => noise * value + means[number]![j]!),
      row * columns,
    );
  });
  const inputs: NextInputs = {
    features,
    columns,
    given: new Int32Array(group.length).fill(-1),
    classes: ['ant', 'bee', 'cat', 'dog', 'eel', 'fox'],
    copyOf: Int32Array.from(group.keys()),
    outlier: new Uint8Array(group.length),
    budget: 6,
    randomShare: 0,
    seed: 0,
    drawSeed: seed,
  };
  return { inputs, group };
}

test('without labels, one image of each group, the largest first, with its size as the reason', () => {
  const { inputs, group } = draw(1);
  const next = nextImages(inputs);
  assert.equal(
    next.map(({ image }) => group[image]),
    [0, 1, 2, 3, 4, 5],
  );
  assert.equal(
    next.map(({ reason }) => reason),
    sizes.map((size) => `typical of an unlabelled group of ${size} images`),
  );
});

test('of groups that count as one observation one image each, of those without a label first', () => {
  // Every cluster is of three films, whose frames lie side by side.
  const { inputs, group } = draw(3);
  const film = Int32Array.from(group, (cluster, image) => 3 * cluster + (image % 3));
  const given = inputs.given.slice();
  for (const image of [0, 1, 60, 61]) given[image] = 0;
  const films = (next: readonly { image: number }[]) => next.map(({ image }) => film[image]!);
  const probabilities = Float32Array.from({ length: 6 * group.length }, (_, at) =>
    at % 6 === 0 ? 0.4 : 0.12,
  );
  const many = Int32Array.from(group.keys(), (image) => (image < 125 ? image % 6 : -1));
  for (const [labels, certain] of [
    [given, undefined],
    [many, probabilities],
  ] as const) {
    const own = { ...inputs, given: labels, observations: film, budget: 9, probabilities: certain };
    const labelled = new Set(film.filter((_, image) => labels[image]! >= 0));
    const proposed = films(nextImages(own));
    assert.is(proposed.length, 9);
    assert.is(new Set(proposed).size, 9, 'one of each');
    assert.not.ok(proposed.some((number) => labelled.has(number)));
  }
  // More than there are films: each once before any comes twice.
  const proposed = films(nextImages({ ...inputs, observations: film, budget: 25 }));
  assert.is(new Set(proposed.slice(0, 18)).size, 18);
  assert.is(proposed.length, 25);
});

test('the image proposed lies closest on average to its 20 nearest neighbours in the group', () => {
  const { inputs } = draw(2);
  const unit = (row: number) => {
    const own = [...inputs.features.subarray(row * columns, (row + 1) * columns)];
    const norm = Math.hypot(...own);
    return own.map((value) => value / norm);
  };
  const mean = (row: number) => {
    const own = unit(row);
    const distances = Array.from({ length: sizes[0]! }, (_, other) =>
      Math.hypot(...unit(other).map((value, j) => value - own[j]!)),
    );
    return distances
      .sort((a, b) => a - b)
      .slice(1, 21)
      .reduce((sum, value) => sum + value, 0);
  };
  const means = Array.from({ length: sizes[0]! }, (_, row) => mean(row));
  // It is drawn most often, in proportion to 1 beside 1/4, 1/9 … of the next ones.
  const drawn = Array.from({ length: 200 }, (_, drawSeed) => nextImages({ ...inputs, drawSeed })[0]!);
  const best = drawn.filter(({ image }) => image === means.indexOf(Math.min(...means)));
  const total = means.reduce((sum, _, rank) => sum + (rank + 1) ** -2, 0);
  for (const { probability } of best) assert.ok(Math.abs(probability! - 1 / total) < 1e-12, `${probability}`);
  // Four standard deviations of 200 draws.
  assert.ok(Math.abs(best.length / 200 - 1 / total) < 4 * Math.sqrt(0.24 / 200), `${best.length} of 200`);
});

test('groups with a label come after those without; given images are never proposed', () => {
  const { inputs, group } = draw(3);
  inputs.given[0] = 0;
  inputs.given[65] = 1;
  const next = nextImages({ ...inputs, budget: 4 });
  assert.equal(
    next.map(({ image }) => group[image]),
    [2, 3, 4, 5],
  );
  const all = nextImages({ ...inputs, budget: 1000 });
  assert.is(all.length, group.length - 2);
  assert.is(new Set(all.map(({ image }) => image)).size, all.length);
  assert.not.ok(all.some(({ image }) => image === 0 || image === 65));
  for (const { reason } of all) {
    assert.match(reason, /^typical of an? (unlabelled )?group of \d+ images?$/);
  }
  assert.ok(all.some(({ reason }) => reason.startsWith('typical of a group')));
});

test('no copy is proposed beside its original or of a given image; outliers only last and with that reason', () => {
  const { inputs, group } = draw(4);
  // Image 1 repeats 0, image 61 repeats the given 60; the last group of six is odd.
  inputs.copyOf[1] = 0;
  inputs.copyOf[61] = 60;
  inputs.given[60] = 1;
  inputs.outlier.fill(1, group.length - 6);
  for (const probabilities of [undefined, new Float32Array(group.length * 6).fill(1 / 6)]) {
    const next = nextImages({ ...inputs, probabilities, budget: 1000 });
    const images = next.map(({ image }) => image);
    for (const never of [1, 60, 61]) assert.not.ok(images.includes(never));
    assert.is(images.length, group.length - 3);
    next.forEach(({ image, reason }, rank) => {
      assert.is(reason === 'unlike everything labelled', inputs.outlier[image] === 1);
      assert.is(inputs.outlier[image] === 1, rank >= images.length - 6);
    });
  }
});

test('from 20 labels a class on: small margins between two named classes, spread over what they show', () => {
  const { inputs, group } = draw(5);
  const two = { ...inputs, classes: ['ant', 'bee'], budget: 3 };
  two.given.fill(0, 0, 20).fill(1, 20, 40);
  const probabilities = new Float32Array(group.length * 2);
  // Sure of all but ten images each of three groups. The least margins of all are those of one group.
  group.forEach((number, row) => {
    const doubt = (row >= 60 && row < 70) || (row >= 100 && row < 110) || (row >= 125 && row < 135);
    const first = doubt ? 0.48 + number / 50 + (row % 10) / 1000 : 0.99;
    probabilities.set([first, 1 - first], row * 2);
  });
  const next = nextImages({ ...two, probabilities });
  assert.equal(
    next.map(({ image, reason, origin }) => [group[image], reason, origin]),
    [1, 2, 3].map((number) => [number, 'between ant and bee', 'proposed']),
  );
  // One label fewer, and typical images are proposed.
  two.given[39] = -1;
  assert.match(nextImages({ ...two, probabilities })[0]!.reason, /typical/);
});

test('typical images of a few labels teach a probe more than images drawn at random', () => {
  let better = 0;
  for (let seed = 0; seed < 10; seed++) {
    const { inputs, group } = draw(20 + seed, 1.5);
    const score = (chosen: readonly number[]) => {
      const labels = new Int32Array(group.length).fill(-1);
      for (const image of chosen) labels[image] = group[image]!;
      const probe = fitProbe(inputs.features, labels, 6, { strengths: [1] });
      return accuracy(predictProbe(probe, inputs.features).labels, group);
    };
    const typical = score(nextImages({ ...inputs, budget: 8 }).map(({ image }) => image));
    const random = [0, 1, 2].map((draws) =>
      score(new Random(seed, draws).shuffle([...group.keys()]).slice(0, 8)),
    );
    better += (typical - random.reduce((sum, value) => sum + value, 0) / 3) / 10;
  }
  // Measured: 8 points of accuracy over 20 other seeds.
  assert.ok(better > 0.03, `${better}`);
});

test('the same seed gives the same proposals; nothing to propose is an empty list', () => {
  const { inputs } = draw(6);
  assert.equal(nextImages(inputs), nextImages(inputs));
  assert.equal(nextImages({ ...inputs, given: new Int32Array(inputs.given.length) }), []);
});

test.run();
