import type { Weights } from '../../encoder/encoder_weights.ts';
import { classifyKnn } from '../../numerics/knn.ts';
import { allRows } from '../../numerics/linear_algebra.ts';
import { fitProbe, predictProbe, probeLayer } from '../../numerics/probe.ts';
import { affineLogits } from '../../numerics/softmax_regression.ts';

/** A linear layer on an encoder's raw features: logits = features·weightᵀ + bias. */
export interface LinearHead {
  /** classes × features, row-major. */
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

/** A trained encoder apart from the GPU. */
export type EncoderWeights = Pick<Weights, 'encoder' | 'tensors' | 'normalise'>;

/** An encoder and the head on its features: all that labels an image. */
export interface LabellingModel {
  readonly encoder: EncoderWeights;
  readonly head: LinearHead;
}

/** Labelled images by their number in the source, and the class of each. */
export interface LabelledImages {
  readonly images: Int32Array;
  readonly labels: Int32Array;
}

export interface FitRequest {
  /** Images to give logits of. */
  readonly queries: Int32Array;
  readonly seed: number;
  /** The one snapshot wanted; all by default. */
  readonly snapshot?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** A way from few labels to the classes of other images. */
export interface Method {
  readonly name: string;
  /** States in which the method can be stopped: out-of-fold accuracy chooses one. */
  readonly snapshots: number;
  /** Too slow here for a fit on every fold: only scored on held-out images, and never the one that labels. */
  readonly heldOutOnly?: boolean;
  /** Chooses the method's own settings by cross-validation among these labels; they hold until the next call. */
  tune?(labelled: LabelledImages, seed: number): Promise<void>;
  /**
   * Learns from the labelled images alone.
   * @returns for each snapshot, logits [queries × classes]
   */
  fit(labelled: LabelledImages, request: FitRequest): Promise<readonly Float32Array[]>;
  /** The model of the latest fit; absent where the method has none that could label. */
  model?(): Promise<LabellingModel>;
  destroy(): void;
}

/** Features of images, and where they come from. */
export interface FeatureTable {
  readonly features: Float32Array;
  readonly columns: number;
  /** The row of each image of the source; undefined: row i is image i's. */
  readonly rows?: Int32Array;
  /** The encoder that made them; absent where it is not to label. */
  readonly encoder?: EncoderWeights;
}

/** The features of the images, in their order. */
export function rowsOf({ features, columns, rows }: FeatureTable, images: Int32Array): Float32Array {
  // Of a hundred thousand images a copy would take as much memory again.
  const all = !rows && images.length * columns === features.length;
  if (all && images.every((image, i) => image === i)) return features;
  const chosen = new Float32Array(images.length * columns);
  images.forEach((image, i) => {
    const row = rows ? rows[image]! : image;
    chosen.set(features.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return chosen;
}

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

/** Weighted k-nearest neighbours by cosine similarity of the features (see `classifyKnn`). */
export function knnMethod(name: string, table: FeatureTable, classes: number): Method {
  return {
    name,
    snapshots: 1,
    async fit({ images, labels }, { queries }) {
      const bank = { features: rowsOf(table, images), labels, classes };
      return [classifyKnn(bank, rowsOf(table, queries)).scores];
    },
    destroy: nothing,
  };
}

/**
 * Softmax regression on frozen features. Folds are fitted at the strength that all labels together chose: at strengths
 * of their own their logits would have another scale, which no one temperature calibrates.
 * @param groups the group of copies that each image belongs to: copies are held out together
 */
export function probeMethod(name: string, table: FeatureTable, classes: number, groups: Int32Array): Method {
  let strengths: readonly number[] | undefined;
  let head: LinearHead | undefined;
  const { encoder } = table;
  return {
    name,
    snapshots: 1,
    async tune({ images, labels }, seed) {
      const own = images.map((image) => groups[image]!);
      strengths = [fitProbe(rowsOf(table, images), labels, classes, { seed, groups: own }).strength];
    },
    async fit({ images, labels }, { queries, seed }) {
      const own = images.map((image) => groups[image]!);
      const options = { seed, groups: own, ...(strengths && { strengths }) };
      const probe = fitProbe(rowsOf(table, images), labels, classes, options);
      head = probeLayer(probe);
      return [predictProbe(probe, rowsOf(table, queries)).logits];
    },
    ...(encoder && {
      model: async () => {
        if (!head) throw new Error(`${name} was not fitted`);
        return { encoder, head };
      },
    }),
    destroy: nothing,
  };
}

/** Logits of a head on rows of features. */
export function headLogits({ weight, bias }: LinearHead, features: Float32Array): Float32Array {
  const columns = weight.length / bias.length;
  return Float32Array.from(affineLogits(features, allRows(features.length / columns), { weight, bias }));
}
