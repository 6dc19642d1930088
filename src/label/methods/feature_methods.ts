import { classifyKnn, leaveOneOutKnn } from '../../numerics/knn.ts';
import { allRows } from '../../numerics/linear_algebra.ts';
import type { LinearHead } from '../../numerics/linear_head.ts';
import { describePopulation, type Population } from '../../numerics/probe/population.ts';
import {
  accuracy,
  fitProbe,
  type ProbeOptions,
  predictProbe,
  probeHead,
} from '../../numerics/probe/probe.ts';
import { type Standardisation, standardise, standardisedRows } from '../../numerics/standardisation.ts';
import { type FeatureOrigin, type FeatureRows, rowsOf } from '../scan/features.ts';
import type { Method } from './method.ts';

const nothing = () => {};

/** The most frequent class among the labels, the first of equals, for every image. */
export function majorityMethod(classes: number): Method {
  return {
    name: 'majority class',
    snapshots: 1,
    async fit({ labels }, { queries }) {
      const counts = new Float32Array(classes);
      for (const label of labels) counts[label]!++;
      const logits = new Float32Array(queries.length * classes);
      for (let row = 0; row < queries.length; row++) logits.set(counts, row * classes);
      return [logits];
    },
    destroy: nothing,
  };
}

/**
 * Weighted k-nearest neighbours by cosine similarity (see `classifyKnn`) of the features as they are, or with columns
 * standardised by the labelled images, where these tell each other right more often so.
 */
export function knnMethod(name: string, features: FeatureRows, classes: number): Method {
  const { columns } = features;
  let standardised = false;
  const standardisation = (own: Float32Array) => standardise(own, columns, allRows(own.length / columns));
  const scaled = (rows: Float32Array, by: Standardisation) =>
    standardisedRows(rows, columns, allRows(rows.length / columns), by);
  return {
    name,
    snapshots: 1,
    quick: true,
    async tune({ images, labels }) {
      const own = rowsOf(features, images);
      const right = (rows: Float32Array) =>
        accuracy(leaveOneOutKnn({ features: rows, labels, classes }).labels, labels);
      standardised = images.length > 1 && right(scaled(own, standardisation(own))) > right(own);
    },
    async fit({ images, labels }, { queries }) {
      const own = rowsOf(features, images);
      const asked = rowsOf(features, queries);
      if (!standardised) return [classifyKnn({ features: own, labels, classes }, asked).scores];
      const by = standardisation(own);
      return [classifyKnn({ features: scaled(own, by), labels, classes }, scaled(asked, by)).scores];
    },
    destroy: nothing,
  };
}

/** What a probe learns. */
export interface ProbeTask {
  /** Number of classes. */
  readonly classes: number;
  /** The group that each image of the source counts as one observation with: its images are held out together. */
  readonly groups: Int32Array;
  /** What the features are like whatever their labels; by default those of all rows. */
  readonly population?: Population;
}

/**
 * Softmax regression on frozen features. Folds are fitted at the scaling and strength that all labels together chose: at
 * some of their own their logits would have another scale, which no one temperature calibrates. What the choice has
 * seen of a fold's labels flatters it little (see `chooseTrial`).
 * @param origin of the features; without it the probe is only compared and never labels
 */
export function probeMethod(
  name: string,
  features: FeatureRows,
  { classes, groups, population: given }: ProbeTask,
  origin?: FeatureOrigin,
): Method {
  const { values, columns } = features;
  // Few labels ask for it, and it is made once.
  let population = given;
  const options = (images: Int32Array, seed: number): ProbeOptions => {
    population ??= describePopulation(values, columns);
    return { seed, groups: images.map((image) => groups[image]!), population };
  };
  let settings: Pick<ProbeOptions, 'scalings' | 'strengths'> = {};
  let tunedFor = '';
  let head: LinearHead | undefined;
  return {
    name,
    snapshots: 1,
    quick: true,
    async tune({ images, labels }, seed) {
      // Folds, the first draw and the final fit ask for the very same choice.
      const asked = `${seed}:${images}:${labels}`;
      if (asked === tunedFor) return;
      tunedFor = asked;
      const own = rowsOf(features, images);
      const { scaling, strength } = fitProbe(own, labels, classes, options(images, seed));
      settings = { scalings: [scaling], strengths: [strength] };
    },
    async fit({ images, labels }, { queries, seed }) {
      const own = rowsOf(features, images);
      const probe = fitProbe(own, labels, classes, { ...options(images, seed), ...settings });
      head = probeHead(probe);
      return [predictProbe(probe, rowsOf(features, queries)).logits];
    },
    ...(origin && {
      model: async () => {
        if (!head) throw new Error(`${name} was not fitted`);
        return { head, origin };
      },
    }),
    destroy: nothing,
  };
}
