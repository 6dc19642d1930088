import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type NextInputs, nextImages } from '../../../src/label/findings/acquisition.ts';
import { normals } from '../../../src/label/findings/near_pairs.ts';
import { Random } from '../../../src/random.ts';

const columns = 6;
const images = 240;
const classes = ['ant', 'bee', 'cat'];

/** Images about six directions; twelve are labelled, three repeat another, five are odd. */
function drawn(seed: number): NextInputs {
  const random = new Random(seed);
  const means = Array.from({ length: 6 }, () => normals(columns, random).map((value) => 3 * value));
  const features = Float32Array.from({ length: images * columns }, (_, at) => {
    return means[Math.floor(at / columns) % 6]![at % columns]! + normals(1, random)[0]!;
  });
  const given = Int32Array.from({ length: images }, (_, image) => (image < 12 ? image % 3 : -1));
  const copyOf = Int32Array.from(given.keys());
  for (const image of [20, 21, 22]) copyOf[image] = image - 5;
  const outlier = new Uint8Array(images).fill(1, 50, 55);
  return {
    features,
    columns,
    given,
    classes,
    copyOf,
    outlier,
    budget: 12,
    randomShare: 0.5,
    seed: 3,
    drawSeed: 0,
  };
}

/** Doubtful about all, and enough labels for doubtful images to be proposed. */
function withManyLabels(inputs: NextInputs): NextInputs {
  const random = new Random(9);
  const given = Int32Array.from({ length: images }, (_, image) => (image < 60 ? image % 3 : -1));
  const probabilities = new Float32Array(images * 3);
  for (let image = 0; image < images; image++) {
    const first = 0.4 + 0.6 * random.next();
    probabilities.set([first, 0.75 * (1 - first), 0.25 * (1 - first)], 3 * image);
  }
  return { ...inputs, given, probabilities, outlier: new Uint8Array(images) };
}

test('half is drawn at random, or the share that is asked for, in turn with proposals that have a probability', () => {
  for (const inputs of [drawn(1), withManyLabels(drawn(1))]) {
    for (const [randomShare, wanted] of [
      [0.5, 6],
      [0, 0],
      [0.25, 3],
      [1, 12],
    ] as const) {
      const next = nextImages({ ...inputs, randomShare });
      assert.is(next.length, 12);
      assert.is(new Set(next.map(({ image }) => image)).size, 12);
      const atRandom = next.filter(({ origin }) => origin === 'random');
      assert.is(atRandom.length, wanted);
      for (const { reason, probability } of atRandom)
        assert.equal([reason, probability], ['drawn at random', undefined]);
      for (const { origin, probability } of next) {
        if (origin !== 'random')
          assert.ok(origin === 'proposed' && probability! > 0 && probability! <= 1, `${probability}`);
      }
      // Whoever fills in a first part has about the share of both.
      const firstHalf = next.slice(0, 6).filter(({ origin }) => origin === 'random').length;
      assert.ok(Math.abs(firstHalf - wanted / 2) <= 1, `${firstHalf} of ${wanted}`);
    }
  }
});

test('every image without a label is as likely as another to be drawn at random, odd ones too; no copies', () => {
  const inputs = { ...drawn(2), randomShare: 1 };
  const often = new Float64Array(images);
  const draws = 1500;
  for (let drawSeed = 0; drawSeed < draws; drawSeed++)
    for (const { image } of nextImages({ ...inputs, drawSeed })) often[image]!++;
  const open = images - 12 - 3;
  const chance = 12 / open;
  often.forEach((count, image) => {
    const closed = inputs.given[image]! >= 0 || inputs.copyOf[image] !== image;
    // Four and a half standard deviations.
    const tolerance = 4.5 * Math.sqrt((chance * (1 - chance)) / draws);
    assert.ok(
      Math.abs(count / draws - (closed ? 0 : chance)) <= (closed ? 0 : tolerance),
      `${image}: ${count}`,
    );
  });
});

test('proposals are drawn as often as their probabilities say: counts weighted by them give all images of their groups', () => {
  for (const inputs of [drawn(4), withManyLabels(drawn(4))]) {
    const draws = 600;
    const often = new Map<number, { count: number; probability: number }>();
    let [total, squares] = [0, 0];
    for (let drawSeed = 0; drawSeed < draws; drawSeed++) {
      const next = nextImages({ ...inputs, randomShare: 0, drawSeed });
      let estimate = 0;
      for (const { image, probability } of next) {
        const known = often.get(image) ?? { count: 0, probability: probability! };
        assert.ok(Math.abs(known.probability - probability!) < 1e-12, 'the same in every draw');
        often.set(image, { ...known, count: known.count + 1 });
        estimate += 1 / probability!;
      }
      total += estimate / draws;
      squares += estimate ** 2 / draws;
    }
    // Those that never came up in so many draws are rare, so the sum comes out a little short of the twelve wanted.
    const sum = [...often.values()].reduce((all, { probability }) => all + probability, 0);
    assert.ok(sum <= 12 + 1e-9 && sum > 11.5, `${sum}`);
    for (const [image, { count, probability }] of often) {
      const tolerance = 5 * Math.sqrt((probability * (1 - probability)) / draws) + 2 / draws;
      assert.ok(Math.abs(count / draws - probability) <= tolerance, `${image}: ${count}, ${probability}`);
    }
    const deviation = Math.sqrt((squares - total ** 2) / draws);
    // All candidates of the groups that proposals come from: here all, or the ten most doubtful for each one wanted.
    const candidates = inputs.probabilities ? 120 : undefined;
    if (candidates) assert.ok(Math.abs(total - candidates) < 4 * deviation, `${total} ± ${deviation}`);
    else assert.ok(total > 12 && total < images + 4 * deviation, `${total}`);
  }
});

test('what is drawn at random follows from the draw’s seed alone, not from that of the clusters', () => {
  const inputs = drawn(5);
  const randomOnes = (more: Partial<NextInputs>) =>
    nextImages({ ...inputs, ...more })
      .filter(({ origin }) => origin === 'random')
      .map(({ image }) => image);
  assert.equal(randomOnes({ seed: 1 }), randomOnes({ seed: 2 }));
  assert.not.equal(randomOnes({ drawSeed: 1 }), randomOnes({ drawSeed: 2 }));
});

test('of one observation no second image, at random or proposed, before each has one', () => {
  for (const base of [drawn(6), withManyLabels(drawn(6))]) {
    // Films of four frames, some of them with labels.
    const observations = Int32Array.from({ length: images }, (_, image) => Math.floor(image / 4));
    const films = new Set(observations.filter((_, image) => base.given[image]! >= 0));
    const next = nextImages({ ...base, observations, budget: 40 });
    const proposed = next.map(({ image }) => observations[image]!);
    assert.is(new Set(proposed).size, 40);
    assert.not.ok(proposed.some((film) => films.has(film)));
    // More than there are films without a label: each once before any comes twice.
    const open = images / 4 - films.size;
    const more = nextImages({ ...base, observations, budget: open + 10 });
    assert.is(more.length, open + 10);
    assert.is(
      new Set(more.map(({ image }) => observations[image]!).filter((film) => !films.has(film))).size,
      open,
    );
  }
});

test.run();
