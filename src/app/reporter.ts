import type { Ranks } from '../autograd/ranks.ts';
import type { Sentence } from '../errors.ts';
import type { Start } from '../label/scan/start.ts';
import type { Files } from '../platform/platform.ts';

/** How far a stage of a job is. */
export interface Progress {
  /** What is being done: `reading images`, `SimCLR`, `features: given weights`, … */
  readonly stage: string;
  /** How many of the stage's parts (images, kernels, steps) are done; absent where it has none. */
  readonly done?: number;
  /** How many parts the stage has; absent where it has none. */
  readonly total?: number;
  /** How fast it goes; absent in stages that are not of images. */
  readonly imagesPerSecond?: number;
  /** Seconds until the stage's end, where that can be told. */
  readonly secondsLeft?: number;
  /** The stage's own figures, in words: `epoch 3/20`, `loss 2.1034`. */
  readonly figures?: readonly string[];
}

/** Where a job tells what it does: a terminal, a page, or nowhere. */
export interface Reporter {
  /** Something to know, once: which adapter works, what was skipped, where files went. */
  note(text: string | Sentence): void;
  /** How far the work is; comes often. A front end shows the latest, or one now and then. */
  progress(progress: Progress): void;
  /** Aborted by whoever started the job. A job then stops where nothing is lost and says that it was interrupted. */
  readonly signal: AbortSignal;
  /**
   * From here on the job answers an abort itself; before, nothing is lost by ending it at once.
   * @param consequence what an abort then does, in words: `saving a checkpoint`
   */
  stoppable(consequence: string): void;
  /** Asks the person who started the job; absent where nobody watches, who could answer. @returns whether the answer is yes */
  readonly confirm?: ((question: string | Sentence) => Promise<boolean>) | undefined;
  /** Hears of each epoch of a pretext training; the training waits for it. */
  epoch?(epoch: TrainedEpoch): Promise<void>;
}

/** How far a pretext training is at the end of an epoch, and a look at what it has learned. */
export interface TrainedEpoch {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Epochs of the run. */
  readonly epochs: number;
  /** Mean loss of its steps. */
  readonly loss: number;
  /** What the loss is for a model that knows nothing; null where the method has no such value. */
  readonly chanceLoss: number | null;
  /** Accuracy of nearest neighbours among the labelled training images; null without enough of them. */
  readonly knnAccuracy: number | null;
  /** Images a second in this epoch. */
  readonly imagesPerSecond: number;
  /**
   * Features of some images by the encoder as it is, row by row, images × `columns`. Images that the training does not
   * have in memory are left out.
   * @param images their numbers in the source
   */
  features(
    images: Int32Array,
  ): Promise<{ readonly images: Int32Array; readonly values: Float32Array; readonly columns: number }>;
}

/** What a job works with, beside its settings. */
export interface JobContext {
  /** Where runs and images lie. */
  readonly files: Files;
  /** Whom the job tells what it does, and who may stop it. */
  readonly reporter: Reporter;
  /** What made the run, for its config.json and report: a command's words, or a page's name. */
  readonly command: readonly string[];
  /** Versions of kindred and of what it runs on, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** The processes that train together with this one; absent in a process alone, and in jobs that only one does. */
  readonly ranks?: Ranks | undefined;
  /**
   * Gives a start whose features are at hand in the place of one that would make them: the same features, by the same
   * encoder of the same images. Absent where none are kept.
   */
  readonly atHand?: (start: Start) => Start;
}

/** A reporter that tells nobody and is never aborted: for jobs called from a program. */
export const silentReporter: Reporter = {
  note: () => {},
  progress: () => {},
  signal: new AbortController().signal,
  stoppable: () => {},
};
