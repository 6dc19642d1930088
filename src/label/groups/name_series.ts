import { Random, streams } from '../../random.ts';
import { groupsLieApart } from './coverage.ts';
import { nameTemplate } from './name_template.ts';
import { type GivenGroups, groupsByName } from './observation_groups.ts';

/** Names of one series differ in a counter alone: before the ending, or before an underscore and the series' name. */
export const seriesTemplates = ['{group}#.*', '*#_{group}.*'] as const;

/** Images by the part of their names that a template of series finds, as programs name the frames of a series. */
export function namedSeries(paths: readonly string[], template: string = seriesTemplates[0]): GivenGroups {
  const match = nameTemplate(template);
  const named = paths.map((path) => {
    const stem = match(path);
    // A name of digits alone is a counter without a series.
    return stem === undefined || /^\d*$/.test(stem) ? undefined : stem;
  });
  return groupsByName(named, 'series of names');
}

/** Least share of pairs within groups that have one label. */
const constant = 0.9;
/** Shuffles of the labels, none of which may keep as many pairs together: one in 200 by chance. */
const shuffles = 199;

/**
 * Whether groups that nobody has named are none the less to be reckoned with: there are several, of several labelled images,
 * images of one group have one label more often than chance would have it, and unlabelled images are of other groups.
 * Groups that are called as their class is (`cat_001.jpg`) are the class and nothing else; so are those of which no class
 * has two.
 * @param given class of each image, −1 where none is known
 * @param classes names of the classes by number
 */
export function looksGrouped(
  { groupOf, names }: GivenGroups,
  given: Int32Array,
  classes: readonly string[],
  seed: number,
): boolean {
  const images = [...given.keys()].filter((image) => {
    const group = groupOf[image]!;
    return given[image]! >= 0 && group >= 0 && !isClassName(names[group]!, classes[given[image]!]!);
  });
  const labels = images.map((image) => given[image]!);
  const groups = images.map((image) => groupOf[image]!);
  if (new Set(groups).size <= new Set(labels).size || !groupsLieApart(groupOf, given)) return false;
  const pairs = samePairs(groups, groups);
  const together = samePairs(groups, labels);
  if (pairs === 0 || together < constant * pairs) return false;
  const random = new Random(seed, streams.series);
  for (let shuffle = 0; shuffle < shuffles; shuffle++) {
    if (samePairs(groups, random.shuffle(labels)) >= together) return false;
  }
  return true;
}

/** Ordered pairs of one group that also have one label. */
function samePairs(groups: readonly number[], labels: readonly number[]): number {
  const counts = new Map<string, number>();
  let pairs = 0;
  groups.forEach((group, at) => {
    const key = `${group} ${labels[at]}`;
    const before = counts.get(key) ?? 0;
    pairs += 2 * before;
    counts.set(key, before + 1);
  });
  return pairs;
}

/** `cat_`, `Cats-`, `my/cat` for the class `cat`. */
function isClassName(group: string, label: string): boolean {
  const letters = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const [own, name] = [letters(group.slice(group.lastIndexOf('/') + 1)), letters(label)];
  return name !== '' && (own === name || own === `${name}s` || `${own}s` === name);
}
