import type { ImageStream } from '../data/sources/image_stream.ts';
import type { GivenGroups } from './groups/observation_groups.ts';
import type { LabellingMethodName, NetworkTraining } from './methods/method_registry.ts';
import type { Speed } from './pace.ts';
import type { Provenance, Report } from './report/report.ts';
import type { Start } from './scan/start.ts';
import type { LabelTask } from './task.ts';

/** All that labelling takes. */
export interface LabellingInputs {
  /** All images: those to label, and official test images that only score. */
  readonly stream: ImageStream;
  /** The images by what each is for: given a label, learned from, or held out. */
  readonly task: LabelTask;
  /** Images that count as one observation, by number in the source; without it each image stands alone. */
  readonly groups?: GivenGroups | undefined;
  /** What downstream methods start from; the first also finds duplicates and images to label next. */
  readonly starts: readonly [Start, ...Start[]];
  /** What networks are trained on labels with; without it only methods on the starts' features are compared. */
  readonly networks?: NetworkTraining | undefined;
  /** Which methods are compared, in how many folds, and what is promised. */
  readonly settings: LabellingOptions;
  /** Epochs of the pretext run, for the report. */
  readonly training: Report['training'];
  /** What the report says of its own making; labelling adds what the images and files of features were. */
  readonly provenance: Omit<Provenance, 'fingerprint' | 'featureFiles'>;
  /** Tells how far a stage is; throws to stop. */
  readonly onStage: (stage: string, done?: number, total?: number, speed?: Speed) => void;
}

/** What a user can choose about labelling. */
export interface LabellingOptions {
  /** Methods to compare; those that the starts lack something for are left out. */
  readonly methods: readonly LabellingMethodName[];
  /** Folds of the given labels, fewer where these are few. */
  readonly folds: number;
  /** Largest error allowed among automatic labels, 0 … 1. */
  readonly targetError: number;
  /** Images to propose for labelling next. */
  readonly budget: number;
  /** Share of them that is drawn at random from all images without a label, 0 … 1; a half by default. */
  readonly randomShare?: number;
  /** Whether the report gets a map of the embedding, true by default: of what needs no training it takes longest. */
  readonly map?: boolean;
  /** Draws clusters, the search for copies and the map; folds and trainings on labels follow from the labels themselves. */
  readonly seed: number;
}
