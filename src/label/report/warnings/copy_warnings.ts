import type { CopiesFound } from '../copies_found.ts';
import { counted, percent } from '../format.ts';

/** Groups of near copies are worth a word where they hold so much of the images, or one of them alone so much. */
const largeShare = 0.1;
const largeGroup = 0.05;

/**
 * What a person must know of copies before trusting the labels.
 * @param all images that have a label, given or predicted
 */
export function copyWarnings(
  { nearGroups, conflictCount }: Pick<CopiesFound, 'nearGroups' | 'conflictCount'>,
  all: number,
): string[] {
  const warnings: string[] = [];
  const { exact, near } = conflictCount;
  if (exact > 0) {
    warnings.push(
      `${counted(exact, 'image')} ${exact === 1 ? 'is' : 'are'} there several times, pixel by pixel, with different given labels, at least one of them wrong: see part 1. ${exact === 1 ? 'It is' : 'They are'} taken for wrongly predicted, and copies without a label wait for review.`,
    );
  }
  if (near > 0) {
    warnings.push(
      `${counted(near, 'group')} of near copies ${near === 1 ? 'carries' : 'carry'} different given labels: see part 1. Either some of these are slips, or the classes differ by less than frames of one burst do.`,
    );
  }
  const { count, images, largest, chained } = nearGroups;
  if (images >= largeShare * all || largest >= Math.max(3, largeGroup * all)) {
    warnings.push(
      `${percent(images / all)} of the images are near copies of others, such as frames of one burst or of a fixed camera: ${counted(count, 'group')}, the largest of ${largest}. Each group counts as one observation, so that much less is known than the number of labels suggests.`,
    );
  }
  if (chained > 0) {
    warnings.push(
      `${counted(chained, 'group')} of near copies ${chained === 1 ? 'is a chain' : 'are chains'}, of which the ends are no copies of each other, as in a film: each counts as one observation all the same.`,
    );
  }
  return warnings;
}
