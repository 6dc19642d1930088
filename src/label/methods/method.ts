import type { LinearHead } from '../../numerics/linear_head.ts';
import type { FeatureOrigin } from '../scan/features.ts';

/** A head and the features that it stands on: all that labels an image. */
export interface LabellingModel {
  /** The linear classifier on raw features. */
  readonly head: LinearHead;
  /** A start's, or that of an encoder which was trained further here. */
  readonly origin: FeatureOrigin;
}

/** Labelled images by their number in the source, and the class of each. */
export interface LabelledImages {
  /** Numbers of the images in the source. */
  readonly images: Int32Array;
  /** The class of each of them. */
  readonly labels: Int32Array;
}

/** What a method is asked for when it learns. */
export interface FitRequest {
  /** Images to give logits of, by number in the source. */
  readonly queries: Int32Array;
  /** Seeds the method's random choices. */
  readonly seed: number;
  /** The one snapshot wanted; all by default. */
  readonly snapshot?: number;
  /** Told how many steps of how many are done; throws to stop. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A way from few labels to the classes of other images. */
export interface Method {
  /** As the comparison shows it: `SimCLR + probe`. */
  readonly name: string;
  /** States in which the method can be stopped: out-of-fold accuracy chooses one. */
  readonly snapshots: number;
  /** Too slow here for a fit on every fold: only scored on held-out images, and never the one that labels. */
  readonly heldOutOnly?: boolean;
  /** A fit takes moments, since no network is trained: it can be tried in further folds. */
  readonly quick?: boolean;
  /**
   * Its encoder has learned from given labels: on these nothing can be checked, in whatever folds, nor on images whose
   * labels it may have been given in another draw; on official test images it can.
   */
  readonly learnedFromLabels?: boolean;
  /** Chooses the method's own settings by cross-validation among these labels; they hold until the next call. */
  tune?(labelled: LabelledImages, seed: number): Promise<void>;
  /**
   * Learns from the labelled images alone.
   * @returns for each snapshot, logits [queries × classes]
   */
  fit(labelled: LabelledImages, request: FitRequest): Promise<readonly Float32Array[]>;
  /** The model of the latest fit; absent where the method has none that could label. */
  model?(): Promise<LabellingModel>;
  /** Gives back what the method holds on the GPU. */
  destroy(): void;
}
