import { type Status, statuses } from '../../../src/data/labels/status.ts';
import { calibrate, calibratedProbabilities } from '../../../src/label/confidence/calibration.ts';
import { riskCoverage } from '../../../src/label/confidence/risk_coverage.ts';
import { classificationScores } from '../../../src/label/confidence/scores.ts';
import { decide, topTwo } from '../../../src/label/decide.ts';
import { mapSample } from '../../../src/label/findings/embedding_map.ts';
import { promiseOf } from '../../../src/label/report/promise.ts';
import type { Report, ReportImage } from '../../../src/label/report/report.ts';
import { pairedInterval, wilsonInterval } from '../../../src/numerics/interval.ts';
import { largestIndex } from '../../../src/numerics/linear_algebra.ts';
import type { MethodName } from '../../../src/pretext/registry.ts';
import { type TrainingRecord, trainingRecord } from '../../../src/pretext/training_record.ts';
import { chooseAscending, Random } from '../../../src/random.ts';

export interface FixtureOptions {
  readonly images: number;
  readonly classes: readonly string[];
  readonly perClass: number;
  /** The class of an image, by number; each in turn by default. */
  readonly truth?: (image: number) => number;
  readonly path?: (image: number) => string;
  readonly epochs?: number;
  /** The method of the pretext run. Default `simclr`. */
  readonly pretext?: MethodName;
  /** Standard deviation of an image's features around its class's, whose own is 1. */
  readonly noise?: number;
}

const columns = 16;
const seed = 3;

/** Sum of four uniform draws, centred and scaled to a variance of 1. */
const normal = (random: Random) => {
  const sum = random.next() + random.next() + random.next() + random.next();
  return (sum - 2) * Math.sqrt(3);
};

/**
 * A report worked out by the label layer's own functions from made features: images lie around their class's centre, and
 * the nearest centre, seen through a second noise, is the prediction, too sure of itself by half.
 */
export function makeReport(options: FixtureOptions): Report {
  const { images, classes, perClass, epochs = 40, noise = 0.75 } = options;
  const { pretext = 'simclr' } = options;
  const { truth = (image) => image % classes.length, path = (image) => `folder/${image}.jpg` } = options;
  const width = classes.length;
  const random = new Random(seed);
  const centres = Float32Array.from({ length: width * columns }, () => normal(random));
  const labels = Int32Array.from({ length: images }, (_, image) => truth(image));
  const spread = Float32Array.from({ length: images }, () => noise * (0.4 + 1.2 * random.next()));
  const features = Float32Array.from({ length: images * columns }, (_, at) => {
    const image = Math.floor(at / columns);
    return centres[labels[image]! * columns + (at % columns)]! + spread[image]! * normal(random);
  });
  const logitsOf = (sharpness: number) =>
    Float32Array.from({ length: images * width }, (_, at) => {
      const [image, label] = [Math.floor(at / width), at % width];
      let distance = 0;
      for (let k = 0; k < columns; k++)
        distance += (features[image * columns + k]! - centres[label * columns + k]!) ** 2;
      return (-sharpness * distance) / (1 + noise);
    });
  const logits = logitsOf(1);
  const seen = new Map<number, number>();
  const given = labels.map((label, image) => {
    const before = seen.get(label) ?? 0;
    const chosen = image % 3 > 0 && before < perClass;
    if (chosen) seen.set(label, before + 1);
    return chosen ? label : -1;
  });
  const labelled = [...given.keys()].filter((image) => given[image]! >= 0);
  const rows = (from: Float32Array) =>
    Float32Array.from(
      { length: labelled.length * width },
      (_, at) => from[labelled[Math.floor(at / width)]! * width + (at % width)]!,
    );
  const known = Int32Array.from(labelled, (image) => given[image]!);
  const calibration = calibrate(rows(logits), known, width);
  const probabilities = calibratedProbabilities(logits, width, calibration.temperature);
  const predictedBy = (values: Float32Array) =>
    Int32Array.from(labelled, (image) => largestIndex(values.subarray(image * width, (image + 1) * width)));
  const predicted = predictedBy(probabilities);
  const hits = (guess: Int32Array) => Uint8Array.from(guess, (label, row) => Number(label === known[row]));
  const top = (image: number) => topTwo(probabilities, image, width);
  const risk = riskCoverage(
    {
      confidence: labelled.map((image) => top(image).confidence),
      correct: [...hits(predicted)].map((hit) => hit === 1),
    },
    [...given.keys()].filter((image) => given[image]! < 0).map((image) => top(image).confidence),
    { target: 0.05 },
  );
  const copies = new Set(chooseAscending(images, Math.floor(images / 40), new Random(seed, 9)));
  const evidence = {
    paths: Array.from(labels, (_, image) => path(image)),
    classes,
    given,
    probabilities,
    inheritsFrom: labels.map((_, image) => (copies.has(image) && image > 0 ? image - 1 : image)),
    held: new Uint8Array(images),
    outlier: Uint8Array.from(spread, (own) => Number(own > 1.58 * noise)),
    nearest: labels.map((_, image) => labelled[image % labelled.length]!),
    threshold: risk.chosen?.threshold ?? null,
  };
  const all: ReportImage[] = decide(evidence).map((label, image) => ({ ...label, image }));
  const withStatus = (status: Status) => all.filter((image) => image.status === status);
  const queue = withStatus('review').sort((a, b) => a.confidence - b.confidence);
  const outliers = withStatus('outlier').sort((a, b) => spread[b.image]! - spread[a.image]!);
  const sample = mapSample(images, seed);
  // Laying out by UMAP takes seconds, and where points lie is nothing to the page.
  const place = (image: number, axis: 0 | 1) => Math.tanh(features[image * columns + axis]! / 3);
  const scratch = hits(predicted).map((hit, row) => (row % 4 === 0 ? 0 : hit));
  const score = (keep: (image: ReportImage) => boolean) => {
    const kept = all.filter(keep);
    return classificationScores(
      Int32Array.from(kept, ({ label }) => classes.indexOf(label)),
      Int32Array.from(kept, ({ image }) => labels[image]!),
      width,
    );
  };
  const method = (name: string, own: Uint8Array, chosen = false) => {
    const right = own.reduce((sum, hit) => sum + hit, 0);
    const estimate = { mean: right / own.length, images: own.length, draws: 1 };
    const gain = own.reduce((sum, hit, row) => sum + hit - scratch[row]!, 0) / own.length;
    return {
      method: name,
      outOfFold: { ...estimate, interval: wilsonInterval(right, own.length) },
      heldOut: { ...estimate, images: 500, interval: wilsonInterval(estimate.mean * 500, 500) },
      advantage: own === scratch ? null : { ...estimate, mean: gain, interval: pairedInterval(own, scratch) },
      automatic: chosen && risk.chosen ? { share: risk.chosen.coverage, error: risk.chosen.error } : null,
      chosen,
    };
  };
  return {
    title: `folder: ${images} images`,
    warnings: [
      'The promised error rests on the given labels standing for the rest of the images. Check the random sample in audit.csv and give it back.',
    ],
    counts: Object.fromEntries(
      statuses.map((status) => [status, withStatus(status).length]),
    ) as Report['counts'],
    audit: {
      description: `folder: ${images} images, 2 skipped as unreadable`,
      images,
      unreadable: [
        { path: 'folder/broken.jpg', reason: 'truncated or damaged' },
        { path: 'folder/scan.tiff', reason: 'only PNG, JPEG and WebP can be read' },
      ],
      unreadableCount: 2,
      duplicates: [...copies].slice(0, 50).map((image) => ({
        kind: 'exact',
        paths: [path(Math.max(0, image - 1)), path(image)],
        images: [Math.max(0, image - 1), image],
        chained: false,
      })),
      exactDuplicates: copies.size,
      nearDuplicates: 0,
      nearGroups: { count: 0, images: 0, largest: 0, chained: 0 },
      scenes: { share: 0, scenes: 0, unlabelled: 0 },
      conflictCount: { exact: 1, near: 0 },
      conflicts: [{ kind: 'exact', paths: [path(1), path(2)], labels: [classes[0]!, classes[1]!] }],
      outliers: outliers.slice(0, 20),
      outlierCount: outliers.length,
    },
    classes: classes.map((name, number) => {
      const of = (status: Status) =>
        all.filter((image) => image.label === classes[number] && image.status === status).length;
      return { name, given: of('given'), auto: of('auto'), review: of('review') };
    }),
    origins: { random: 0, stratified: 0, proposed: 0, audit: 0, own: labelled.length },
    comparison: {
      heldOutFrom: 'images whose label was hidden',
      folds: 5,
      rows: [
        method('majority class', hits(known.map(() => known[0]!))),
        method('supervised from scratch', scratch),
        method('pretext + probe', hits(predicted), true),
      ],
    },
    outOfFold: classificationScores(predicted, known, width),
    calibration,
    riskCoverage: risk,
    hiddenTruth: {
      all: score(({ status }) => status !== 'given'),
      auto: risk.chosen ? score(({ status }) => status === 'auto') : null,
    },
    promise: promiseOf({ riskCoverage: risk, auditSample: null }),
    auditSample: null,
    folderAccuracy: { mean: 0.8, interval: [0.7, 0.87], optimism: 0.01, candidates: 3 },
    classShares: null,
    labelNoise: null,
    training: trainingOf(pretext, epochs),
    map: [...sample].map((image) => ({ ...all[image]!, x: place(image, 0), y: place(image, 1) })),
    gallery: classes.map((name) => {
      const own = all
        .filter(({ label, status }) => label === name && (status === 'auto' || status === 'review'))
        .sort((a, b) => b.confidence - a.confidence);
      return { name, mostCertain: own.slice(0, 8), leastCertain: own.slice(8).reverse().slice(0, 8) };
    }),
    suspects: labelled
      .filter((image) => top(image).first !== given[image])
      .slice(0, 40)
      .map((image) => ({
        image,
        path: path(image),
        given: classes[given[image]!]!,
        suggested: classes[top(image).first]!,
        givenProbability: probabilities[image * width + given[image]!]!,
        suggestedProbability: top(image).confidence,
      })),
    suspectCount: labelled.filter((image) => top(image).first !== given[image]).length,
    queue: queue.slice(0, 60),
    next: queue.slice(0, 60).map(({ image }) => ({
      image,
      path: path(image),
      reason: 'between two classes',
      origin: 'proposed',
      probability: 0.25,
    })),
    provenance: {
      command: ['kindred', 'train', '--data', "user's folder", '--seed', '3'],
      seed,
      versions: { kindred: '0.1.0', node: '20' },
      adapter: 'a software adapter',
      fingerprint: '0123456789abcdef',
    },
  };
}

/** A thumbnail that is computed from the image's number: a colour with a gradient. */
export function madeThumbnail(image: number, side: number): Uint8Array {
  const random = new Random(image);
  const colour = [random.integer(200), random.integer(200), random.integer(200)];
  const pixels = new Uint8Array(side * side * 3);
  for (let at = 0; at < pixels.length; at++)
    pixels[at] = colour[at % 3]! + Math.floor((50 * at) / pixels.length);
  return pixels;
}

/** A pretext run of batches of 256 images whose figures grow as those of a run that learns. */
function trainingOf(method: MethodName, epochs: number): TrainingRecord {
  const options = { method, encoder: { width: 64, stem: 'cifar' }, batch: 256 } as const;
  const figures = Array.from({ length: epochs }, (_, epoch) => {
    const learned = 1 - Math.exp((-4 * (epoch + 1)) / epochs);
    return {
      epoch,
      step: 10 * (epoch + 1),
      loss: Math.log(511) * (1 - 0.55 * learned),
      contrastiveTop1: 0.8 * learned,
      positiveSimilarity: 0.7 * learned,
      chanceLoss: Math.log(511),
      featureStd: 0.02 + 0.02 * learned,
      effectiveRank: 20 + 60 * learned,
      knnAccuracy: 0.1 + 0.5 * learned,
      learningRate: 0.3,
    };
  });
  return trainingRecord(options, figures);
}
