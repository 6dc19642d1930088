import type { ImageLabel } from '../image_label.ts';
import { labelledSet } from '../task.ts';
import type { GivenGroups } from './observation_groups.ts';

/** How labels are spread over groups that count as one observation each. */
export interface GroupsFound {
  /** Where the groups come from, in words. */
  readonly from: string;
  /** Groups of images that the source has. */
  readonly groups: number;
  /** Images of the source that are in none: each of them counts by itself. */
  readonly alone: number;
  /** Given labels. */
  readonly labels: number;
  /** Observations among the given labels: groups, and images that are in none; a group of copies is one too. */
  readonly observations: number;
  /** Observations of each class, by its number. */
  readonly ofClass: readonly number[];
  /** Labels of the group that has the most. */
  readonly largest: number;
}

/**
 * Counts the observations among the given labels.
 * @param observations the group that each image counts as one observation with (see `observationGroups`)
 */
export function countGroups(
  given: Int32Array,
  observations: Int32Array,
  { groupOf, names, from }: GivenGroups,
  classes: number,
): GroupsFound {
  const { images, labels } = labelledSet(given);
  const counts = new Map<number, number>();
  const ofClass = Array.from({ length: classes }, () => new Set<number>());
  images.forEach((image, row) => {
    const group = observations[image]!;
    counts.set(group, (counts.get(group) ?? 0) + 1);
    ofClass[labels[row]!]!.add(group);
  });
  return {
    from,
    groups: names.length,
    alone: groupOf.filter((group) => group < 0).length,
    labels: images.length,
    observations: counts.size,
    ofClass: ofClass.map(({ size }) => size),
    largest: Math.max(0, ...counts.values()),
  };
}

/**
 * Puts the name of its group beside each label; of groups that copies link, the name of the first.
 * @param images number in the source of each label's image
 */
export function nameGroups(
  labels: readonly ImageLabel[],
  images: Int32Array,
  observations: Int32Array,
  given: GivenGroups | undefined,
): readonly ImageLabel[] {
  if (!given) return labels;
  const nameOf = new Map<number, string>();
  given.groupOf.forEach((group, image) => {
    const observation = observations[image]!;
    if (group >= 0 && !nameOf.has(observation)) nameOf.set(observation, given.names[group]!);
  });
  return labels.map((label, row) => ({ ...label, group: nameOf.get(observations[images[row]!]!) ?? '' }));
}
