import { headLogits, type LinearHead } from '../../numerics/linear_head.ts';
import { calibratedProbabilities } from '../confidence/calibration.ts';
import { type GivenGroups, observationGroups } from '../groups/observation_groups.ts';
import type { ImageCensus } from '../scan/census.ts';
import { type FeatureRows, rowsOf } from '../scan/features.ts';
import { type NextImage, nextImages } from './acquisition.ts';
import { duplicatesAmong } from './duplicates.ts';
import { findOutliers } from './outliers.ts';

/** What is known of a run's images when more of them are to be labelled. */
export interface ProposalInputs {
  /** What was seen of each image: whether it can be read, its hash, its thumbnail. */
  readonly census: ImageCensus;
  /** Features by the pretext encoder. */
  readonly base: FeatureRows;
  /** The model that labelled, with features of every image that its head stands on; absent: nothing was labelled yet. */
  readonly labeller?: {
    readonly features: FeatureRows;
    readonly head: LinearHead;
    /** The head's logits are divided by it before the softmax. */
    readonly temperature: number;
  };
  /** Numbers in the source of the images to choose from. */
  readonly images: Int32Array;
  /** Class given to each image of the source, −1 where none was. */
  readonly given: Int32Array;
  /** Names of the classes by number. */
  readonly classes: readonly string[];
  /** Images of the source that count as one observation; absent where each stands alone. */
  readonly groups?: GivenGroups | undefined;
  /** Images wanted. */
  readonly budget: number;
  /** Share of them that is drawn at random from all images without a label, 0 … 1. */
  readonly randomShare: number;
  /** Seeds the clusters. */
  readonly seed: number;
  /** Draws the images (see `NextInputs`). */
  readonly drawSeed: number;
}

/**
 * What to label next in a run (see `nextImages`), by number in the source; with no label at all, where to begin.
 * @throws UserError for features that are not finite
 */
export function proposeImages(inputs: ProposalInputs): NextImage[] {
  const { census, base, labeller, images, classes, groups, seed } = inputs;
  const features = rowsOf(base, images);
  const { columns } = base;
  const given = images.map((image) => inputs.given[image]!);
  const { groupOf, inheritsFrom: copyOf } = duplicatesAmong(census, base, images, given, seed);
  const { outlier } = findOutliers({ features, columns, given, groupOf });
  const probabilities =
    labeller &&
    calibratedProbabilities(
      headLogits(labeller.head, rowsOf(labeller.features, images)),
      classes.length,
      labeller.temperature,
    );
  const next = nextImages({
    observations: observationGroups(
      groupOf,
      groups && { groupOf: images.map((image) => groups.groupOf[image]!) },
    ),
    features,
    columns,
    given,
    classes,
    probabilities,
    copyOf,
    outlier,
    budget: inputs.budget,
    randomShare: inputs.randomShare,
    seed,
    drawSeed: inputs.drawSeed,
  });
  return next.map((proposal) => ({ ...proposal, image: images[proposal.image]! }));
}
