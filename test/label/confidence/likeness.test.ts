import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareWithRest } from '../../../src/label/confidence/likeness.ts';
import { kMeans } from '../../../src/numerics/k_means.ts';
import { Random } from '../../../src/random.ts';

const columns = 16;
const classes = 3;
const images = 700;
const perClass = 20;

const normal = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** Classes of three overlapping clusters each. */
function drawnImages(seed: number) {
  const random = new Random(seed);
  const centres = Array.from({ length: 3 * classes }, () =>
    Float32Array.from({ length: columns }, () => 1.1 * normal(random)),
  );
  const cluster = Int32Array.from({ length: images }, () => random.integer(3 * classes));
  const features = Float32Array.from({ length: images * columns }, (_, at) => {
    return centres[cluster[Math.floor(at / columns)]!]![at % columns]! + normal(random);
  });
  return { random, features, cluster, truth: cluster.map((own) => Math.floor(own / 3)) };
}
type Drawn = ReturnType<typeof drawnImages>;

/** Labels for so many images of each class, of those that may have one. */
function labelledFrom({ random, truth }: Drawn, count: number, able: (image: number) => boolean) {
  const given = new Int32Array(images).fill(-1);
  for (let label = 0; label < classes; label++) {
    const own = [...truth.keys()].filter((image) => truth[image] === label && able(image));
    for (const image of random.shuffle(own).slice(0, count)) given[image] = label;
  }
  return given;
}

/** In how many of the draws labelled images and others are told apart. */
function toldApart(draws: number, able: (drawn: Drawn, image: number) => boolean): number {
  let apart = 0;
  for (let seed = 0; seed < draws; seed++) {
    const drawn = drawnImages(seed);
    const given = labelledFrom(drawn, perClass, (image) => able(drawn, image));
    const groups = Int32Array.from(given.keys());
    const found = compareWithRest({ ...drawn, columns, given, classes, groups, seed });
    if (found!.apart) apart++;
  }
  return apart;
}

test('labels drawn at random class by class are like the rest', () => {
  // A false alarm is meant to come in 2% of draws: more than 4 of 40 would in 0.1% of cases.
  assert.ok(toldApart(40, () => true) <= 4);
});

test('labels of one part of each class are told apart from the rest', () => {
  assert.ok(toldApart(10, ({ cluster }, image) => cluster[image]! % 3 === 0) >= 9);
});

test('labels of images on one side of a direction are told apart from the rest', () => {
  assert.ok(toldApart(10, ({ features }, image) => features[image * columns]! < -0.5) >= 9);
});

test('labels of typical images, nearest to the centres of clusters, are told apart from the rest', () => {
  let apart = 0;
  for (let seed = 0; seed < 10; seed++) {
    const { features, truth, random } = drawnImages(seed);
    const { clusterOf, distances } = kMeans(features, columns, 60, random);
    const nearest = new Map<number, number>();
    clusterOf.forEach((cluster, image) => {
      const best = nearest.get(cluster);
      if (best === undefined || distances[image]! < distances[best]!) nearest.set(cluster, image);
    });
    const given = new Int32Array(images).fill(-1);
    for (const image of nearest.values()) given[image] = truth[image]!;
    const groups = Int32Array.from(given.keys());
    const found = compareWithRest({ features, columns, given, classes, groups, seed });
    if (found!.apart && found!.typicality > 2.33) apart++;
  }
  assert.is(apart, 10);
});

test('images of a class that nobody labelled are unlike the labelled ones', () => {
  assert.ok(toldApart(10, ({ truth }, image) => truth[image] !== 2) >= 8);
});

test('labelled frames of the same few series count once each, and other frames of theirs are no evidence', () => {
  const drawn = drawnImages(1);
  const given = labelledFrom(drawn, perClass, () => true);
  const plain = compareWithRest({
    ...drawn,
    columns,
    given,
    classes,
    groups: Int32Array.from(given.keys()),
    seed: 1,
  });
  // Each labelled image three times under one group, labelled, labelled, and not.
  const extra = [...given.keys()].filter((image) => given[image]! >= 0);
  const all = [...given.keys(), ...extra, ...extra];
  const features = new Float32Array(all.length * columns);
  all.forEach((image, row) => {
    features.set(drawn.features.subarray(image * columns, (image + 1) * columns), row * columns);
  });
  const repeated = compareWithRest({
    features,
    columns,
    given: Int32Array.from(all, (image, row) => (row >= images + extra.length ? -1 : given[image]!)),
    classes,
    groups: Int32Array.from(all),
    seed: 1,
  });
  assert.ok(!plain!.apart && !repeated!.apart, JSON.stringify([plain, repeated]));
  // Counted as images, twice as many labels would raise every figure by √2 at least.
  assert.ok(Math.abs(repeated!.distance - plain!.distance) < 0.5, JSON.stringify([plain, repeated]));
});

test('many features are looked at through fewer sums of them, and too few labels say nothing', () => {
  const drawn = drawnImages(2);
  const wide = 400;
  const features = Float32Array.from({ length: images * wide }, (_, at) => {
    const [image, k] = [Math.floor(at / wide), at % wide];
    return k < columns ? 5 * drawn.features[image * columns + k]! : Math.sin(at);
  });
  const groups = Int32Array.from({ length: images }, (_, image) => image);
  const find = (count: number) => {
    const given = labelledFrom(drawn, count, (image) => drawn.cluster[image]! % 3 === 0);
    return compareWithRest({ features, columns: wide, given, classes, groups, seed: 2 });
  };
  assert.is(find(perClass)!.apart, true);
  assert.is(find(2), null);
});

test.run();
