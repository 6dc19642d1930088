import type { FeatureExtractor } from '../encoder/feature_extractor.ts';
import { measureFeatures } from '../numerics/feature_statistics.ts';
import { leaveOneOutKnn } from '../numerics/knn.ts';
import { accuracy } from '../numerics/probe/probe.ts';
import { Random, shuffledIndices, streams } from '../random.ts';
import type { PretrainData } from './options.ts';

/** Images whose features are measured each epoch. */
const monitoredImages = 512;

/** What an epoch's features are like. */
export interface FeatureFigures {
  /** Mean standard deviation of the normalised features' columns; near 0 after a collapse. */
  readonly featureStd: number;
  /** Effective rank of the L2-normalised features; near 1 after a collapse. */
  readonly effectiveRank: number;
  /**
   * Accuracy of nearest neighbours, leave-one-out among the labelled training images; null without enough of them. No
   * check where the method learns from labels.
   */
  readonly knnAccuracy: number | null;
}

/** Looks at the features of a fixed sample each epoch. */
export class Monitor {
  readonly #extract: FeatureExtractor;
  readonly #columns: number;
  readonly #sample: Int32Array;
  readonly #labelled: Int32Array;
  readonly #labels: Int32Array;
  readonly #classes: number;

  /** @param columns of the features */
  constructor(data: PretrainData, extract: FeatureExtractor, columns: number, seed: number) {
    const order = shuffledIndices(data.images.length, new Random(seed, streams.monitor));
    const shuffled = Array.from(order, (place) => data.images[place]!);
    this.#extract = extract;
    this.#columns = columns;
    this.#sample = Int32Array.from(shuffled.slice(0, monitoredImages));
    this.#labelled = Int32Array.from(
      shuffled.filter((image) => data.labels[image]! >= 0).slice(0, monitoredImages),
    );
    this.#labels = this.#labelled.map((image) => data.labels[image]!);
    this.#classes = data.classes;
  }

  /** Measures the features as they are: their figures, and whether they are all alike. */
  async measure(): Promise<{ figures: FeatureFigures; collapsed: boolean }> {
    const { featureStd, effectiveRank, collapsed } = measureFeatures(
      await this.#extract(this.#sample),
      this.#columns,
    );
    let knnAccuracy: number | null = null;
    if (this.#labelled.length > this.#classes) {
      const features = await this.#extract(this.#labelled);
      const { labels } = leaveOneOutKnn({ features, labels: this.#labels, classes: this.#classes });
      knnAccuracy = accuracy(labels, this.#labels);
    }
    return { figures: { featureStd, effectiveRank, knnAccuracy }, collapsed };
  }
}
