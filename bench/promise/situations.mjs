// Situations in which people label: which images there are, and which of them have which label. Each takes a world, a
// source of chance and the number of labels a class, and says which warning its user should read.
import { chosenOf, normal, spreadOf } from './worlds.mjs';

const all = (world) => [...world.truth.keys()];
const of = (world, label) => all(world).filter((image) => world.truth[image] === label);

/** Labels of these images, by the truth. */
function labelled(world, images) {
  const given = new Int32Array(world.truth.length).fill(-1);
  for (const image of images) given[image] = world.truth[image];
  return given;
}

/** So many of each class, of those that `from` admits. */
function perClass(world, random, count, from = () => true) {
  return world.classes.flatMap((_, label) => random.shuffle(of(world, label).filter(from)).slice(0, count));
}

/** A direction of unit length, times `size`. */
function direction(columns, random, size) {
  const vector = Float32Array.from({ length: columns }, () => normal(random));
  const length = Math.hypot(...vector);
  return vector.map((value) => (value * size) / length);
}

const add = (features, vector, times = 1) => {
  for (let k = 0; k < features.length; k++) features[k] += times * vector[k];
};
const jitter = (features, random, size) => {
  for (let k = 0; k < features.length; k++) features[k] += size * normal(random);
};
const rewrite = (thumbnail, value) => {
  for (let i = 0; i < thumbnail.length; i++) thumbnail[i] = Math.max(0, Math.min(255, Math.round(value(i))));
};

/** Each of some images as `frames` that hardly differ. */
function bursts(world, random, frames, count) {
  const size = 0.15 * spreadOf(world);
  const series = random.shuffle(all(world)).slice(0, Math.ceil(world.truth.length / frames));
  const burst = chosenOf(
    world,
    series.flatMap((image) => Array.from({ length: frames }, () => image)),
    (own, at) => {
      jitter(own.features, random, size);
      rewrite(own.thumbnail, (i) => own.thumbnail[i] + 4 * normal(random));
      own.hash += `-${at % frames}`;
      own.path = `shot${Math.floor(at / frames)}_${at % frames}.jpg`;
    },
  );
  const first = perClass(burst, random, count, (image) => image % frames === 0);
  return {
    world: burst,
    given: labelled(
      burst,
      first.flatMap((image) => Array.from({ length: frames }, (_, frame) => image + frame)),
    ),
  };
}

/** Images of few sources, each of which shifts all its images alike; `classOf` gives a source one class, or none. */
function sources(world, random, { count, size, path, oneClass }) {
  const shifts = Array.from({ length: count }, () => direction(world.columns, random, size));
  const classOf = Array.from({ length: count }, (_, source) => source % world.classes.length);
  const places = random.shuffle([...shifts.keys()]);
  const frame = new Array(count).fill(0);
  const sourceOf = [];
  const changed = chosenOf(world, all(world), (own, at) => {
    const able = places.filter((source) => !oneClass || classOf[source] === world.truth[at]);
    const source = able[random.integer(able.length)];
    sourceOf.push(source);
    add(own.features, shifts[source]);
    own.path = path(source, frame[source]++);
  });
  return { world: changed, sourceOf };
}

const two = (number) => String(number).padStart(2, '0');

/** Labels of the darkest images promise nothing; what they would promise is audited, by so many rows. */
const audited = (row) => ({ draw: (...asked) => situations['darkest 30%'].draw(...asked), ...row });
const auditRows = 200;

/** @type {Record<string, { warns?: RegExp, audit?: { rows: number, returns: (answers: (string | null)[], right: boolean[], random: object) => (string | null)[][] }, draw: (world: object, random: object, count: number, kindred: object) => { world: object, given: Int32Array, starts?: object[], seeds?: number } }>} */
export const situations = {
  'random per class': { draw: (world, random, count) => given(world, perClass(world, random, count)) },
  random: { draw: (...asked) => ({ ...sample(...asked), origins: undefined }) },
  'random sample': { draw: sample },
  next: {
    // Three rounds of what the run proposes.
    draw(world, random, count) {
      const few = Math.round(0.4 * count);
      const budget = Math.round(((count - few) * world.classes.length) / 3);
      return { ...sample(world, random, few), rounds: 3, budget };
    },
  },
  'audited labels': {
    // The labels of an audit, given back like others.
    draw: (world, random, count) => ({ ...sample(world, random, count), audited: 100 }),
  },
  imbalanced: {
    // One class has half of the images and the others share the rest, but each has as many labels.
    draw(world, random, count) {
      const rare = world.truth.length / (2 * world.classes.length);
      const kept = world.classes.flatMap((_, label) =>
        label === 0 ? of(world, 0) : random.shuffle(of(world, label)).slice(0, Math.max(2 * count, rare)),
      );
      const part = chosenOf(world, kept);
      return given(part, perClass(part, random, count));
    },
  },
  '90% one class': {
    draw(world, random, count) {
      const major = of(world, 0);
      const minor = world.classes.flatMap((_, label) => (label === 0 ? [] : of(world, label)));
      const part = chosenOf(world, [
        ...major,
        ...random.shuffle(minor).slice(0, Math.round(major.length / 9)),
      ]);
      return given(part, random.shuffle(all(part)).slice(0, count * part.classes.length));
    },
  },
  'bursts × 3': { warns: /copies|burst|series|group/i, draw: (w, r, count) => bursts(w, r, 3, count) },
  'bursts × 5': { warns: /copies|burst|series|group/i, draw: (w, r, count) => bursts(w, r, 5, count) },
  patients: {
    warns: /group|series|stand for|unlike/i,
    draw(world, random, count) {
      const people = 10 * world.classes.length;
      const size = 3 * spreadOf(world) * Math.sqrt(world.columns) * 0.5;
      const path = (person, frame) => `patient${two(person)}_frame${two(frame)}.jpg`;
      const { world: shifted, sourceOf } = sources(world, random, {
        count: people,
        size,
        path,
        oneClass: true,
      });
      // A third of the patients is labelled.
      const seen = (image) => sourceOf[image] < people / 3;
      return given(shifted, perClass(shifted, random, count, seen));
    },
  },
  'fixed cameras': {
    warns: /fixed cameras have/,
    draw(world, random, count) {
      const backgrounds = Array.from({ length: 4 }, () =>
        Uint8Array.from({ length: 256 }, () => 60 + random.integer(130)),
      );
      const { world: shifted, sourceOf } = sources(world, random, {
        count: 4,
        size: 2 * spreadOf(world) * Math.sqrt(world.columns),
        path: (camera, frame) => `cam${camera}/IMG_${frame}.jpg`,
        oneClass: false,
      });
      const seen = chosenOf(shifted, all(shifted), (own, at) => {
        const animal = random.integer(256 - 34);
        rewrite(own.thumbnail, (i) => {
          const [x, y] = [(i - animal) % 16, Math.floor((i - animal) / 16)];
          const inside = x >= 0 && x < 2 && y >= 0 && y < 2;
          return (inside ? 40 : backgrounds[sourceOf[at]][i]) + 2 * normal(random);
        });
      });
      return given(seen, perClass(seen, random, count));
    },
  },
  'darkest 30%': {
    warns: /unlike|differ|stand for|audit/i,
    draw(world, random, count) {
      // Brightness of real images' thumbnails; of drawn ones, which have none, a direction in the features.
      const bright = direction(world.columns, random, 1);
      const level = (image) => {
        const own = world.features.subarray(image * world.columns, (image + 1) * world.columns);
        return world.brightness?.[image] ?? own.reduce((sum, value, k) => sum + value * bright[k], 0);
      };
      const levels = all(world).map(level);
      const limit = [...levels].sort((a, b) => a - b)[Math.floor(0.3 * levels.length)];
      return given(
        world,
        perClass(world, random, count, (image) => levels[image] <= limit),
      );
    },
  },
  'one cluster a class': {
    warns: /unlike|differ|stand for|audit/i,
    draw(world, random, count) {
      const { columns, features } = world;
      const chosen = world.classes.flatMap((_, label) => {
        const own = of(world, label);
        const middle = own[random.integer(own.length)];
        const distance = (image) => {
          let sum = 0;
          for (let k = 0; k < columns; k++)
            sum += (features[image * columns + k] - features[middle * columns + k]) ** 2;
          return sum;
        };
        const near = own.sort((a, b) => distance(a) - distance(b)).slice(0, Math.ceil(own.length / 3));
        return random.shuffle(near).slice(0, count);
      });
      return given(world, chosen);
    },
  },
  'typical images': {
    warns: /typical|unlike/i,
    // Nearest to the centres of as many clusters as there are labels.
    draw(world, random, count, { kMeans }) {
      const { clusterOf, distances } = kMeans(
        world.features,
        world.columns,
        count * world.classes.length,
        random,
      );
      const nearest = new Map();
      clusterOf.forEach((cluster, image) => {
        const best = nearest.get(cluster);
        if (best === undefined || distances[image] < distances[best]) nearest.set(cluster, image);
      });
      return given(world, [...nearest.values()]);
    },
  },
  'first 30% of a drift': {
    warns: /unlike|differ|stand for|audit/i,
    draw(world, random, count) {
      const drift = direction(world.columns, random, 1.5 * spreadOf(world) * Math.sqrt(world.columns));
      const order = random.shuffle(all(world));
      const moved = chosenOf(world, order, (own, at) => {
        add(own.features, drift, at / order.length);
        own.path = `IMG_${String(at).padStart(5, '0')}.jpg`;
      });
      return given(
        moved,
        perClass(moved, random, count, (image) => image < 0.3 * order.length),
      );
    },
  },
  'hidden class': {
    warns: /unnamed|nobody|no label|none of/i,
    draw(world, random, count) {
      const hidden = world.classes.length - 1;
      const images = perClass(world, random, count).filter((image) => world.truth[image] !== hidden);
      return given(world, images);
    },
  },
  '5% wrong labels': { warns: /doubt|suspect|wrong/i, draw: (w, r, count) => wrongLabels(w, r, count, 0.05) },
  '10% wrong labels': { warns: /doubt|suspect|wrong/i, draw: (w, r, count) => wrongLabels(w, r, count, 0.1) },
  'swapped pair': {
    warns: /doubt|suspect|wrong|confus/i,
    draw(world, random, count) {
      const start = given(world, perClass(world, random, count));
      const swap = (label) => (label >= 0 && label < 2 && random.next() < 0.2 ? 1 - label : label);
      return { ...start, given: start.given.map(swap) };
    },
  },
  'audit honest': audited({ audit: { rows: auditRows, returns: (answers) => [answers] } }),
  // Whoever checks passes over half of the rows that turn out wrong; then one who returns every ten rows, until it is kept.
  'audit with holes': audited({
    warns: /left out/,
    audit: {
      rows: auditRows,
      returns: (answers, right, random) => [
        answers.map((answer, row) => (right[row] || random.next() < 0.5 ? answer : null)),
      ],
    },
  }),
  'audit bit by bit': audited({
    audit: {
      rows: auditRows,
      returns: (answers) =>
        answers.flatMap((_, row) => ((row + 1) % 10 === 0 ? [answers.slice(0, row + 1)] : [])),
    },
  }),
  'many starts': {
    draw(world, random, count) {
      const noisy = Array.from({ length: 5 }, () => {
        const size = 0.4 * spreadOf(world);
        return chosenOf(world, all(world), (own) => jitter(own.features, random, size)).features;
      });
      return { ...given(world, perClass(world, random, count)), starts: noisy };
    },
  },
  'best of 10 seeds': {
    draw: (w, random, count) => ({ ...given(w, perClass(w, random, count)), seeds: 10 }),
  },
};

const given = (world, images) => ({ world, given: labelled(world, images) });

/** Labels, so many a class on average, known to have been drawn at random from all images. */
function sample(world, random, count) {
  const images = random.shuffle(all(world)).slice(0, count * world.classes.length);
  return { ...given(world, images), origins: new Map(images.map((image) => [image, { origin: 'random' }])) };
}

function wrongLabels(world, random, count, share) {
  const start = given(world, perClass(world, random, count));
  const classes = world.classes.length;
  const changed = start.given.map((label) =>
    label >= 0 && random.next() < share ? (label + 1 + random.integer(classes - 1)) % classes : label,
  );
  return { ...start, given: changed };
}
