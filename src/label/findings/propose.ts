import { calibratedProbabilities } from '../confidence/calibration.ts';
import { headLogits, type LinearHead, rowsOf } from '../methods/methods.ts';
import type { Scan } from '../scan.ts';
import { copiesAmong } from '../scanned_images.ts';
import { type NextImage, nextImages } from './next.ts';
import { findOutliers } from './outliers.ts';

export interface ProposalInputs {
  /** Features by the pretext encoder, and by the encoder that labels where there is one. */
  readonly base: Scan;
  readonly labeller?: { readonly scan: Scan; readonly head: LinearHead; readonly temperature: number };
  /** Numbers of the images to choose from. */
  readonly images: Int32Array;
  /** Class given to each image of the source, −1 where none was. */
  readonly given: Int32Array;
  readonly classes: readonly string[];
  readonly budget: number;
  readonly seed: number;
}

/** What to label next (see `nextImages`), by number in the source; with no label at all, where to begin. */
export function proposeImages(inputs: ProposalInputs): NextImage[] {
  const { base, labeller, images, classes, budget, seed } = inputs;
  const features = rowsOf(base, images);
  const { columns } = base;
  const given = images.map((image) => inputs.given[image]!);
  const { groupOf } = copiesAmong(base, images, given, seed);
  const { outlier } = findOutliers({ features, columns, given, groupOf });
  const probabilities =
    labeller &&
    calibratedProbabilities(
      headLogits(labeller.head, rowsOf(labeller.scan, images)),
      classes.length,
      labeller.temperature,
    );
  const next = nextImages({
    features,
    columns,
    given,
    classes,
    probabilities,
    groupOf,
    outlier,
    budget,
    seed,
  });
  return next.map(({ image, reason }) => ({ image: images[image]!, reason }));
}
