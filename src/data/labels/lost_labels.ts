import { named, type Sentence, sentence } from '../../errors.ts';
import type { NamedImages, PathLabel } from './given_rows.ts';
import { noneOfTheseText } from './none_of_these.ts';

/** Labels that do not count, since their images are not used. */
export interface LostLabels {
  /** How many there are. */
  readonly count: number;
  /** How many there are and why, for a note or in brackets behind an error; undefined where none is lost. */
  readonly why: Sentence | undefined;
  /** Classes of which no label is left, sorted. */
  readonly classes: readonly string[];
}

/** Finds labels of images that were skipped as unreadable or left out by a limit, and classes that have no others. */
export function lostLabels(rows: readonly PathLabel[], images: NamedImages): LostLabels {
  const wanted = new Set(rows.map(({ path }) => path));
  const used = new Set(images.paths.filter((path) => wanted.has(path)));
  const lost = rows.filter(({ path }) => !used.has(path));
  if (lost.length === 0) return { count: 0, why: undefined, classes: [] };
  const reasons = new Map(images.unreadable.map(({ path, reason }) => [path, reason]));
  const skipped = lost.filter(({ path }) => reasons.has(path));
  const omitted = lost.length - skipped.length;
  const parts: (Sentence | string)[] = [];
  if (skipped.length > 0) {
    const { path } = skipped[0]!;
    parts.push(`${skipped.length} of images that cannot be read, such as ${path} (${reasons.get(path)!})`);
  }
  if (omitted > 0) parts.push(sentence`${omitted} of images that ${named('limit')} leaves out`);
  const [first, second] = parts as [Sentence | string, (Sentence | string)?];
  return {
    count: lost.length,
    why: second === undefined ? sentence`${first}` : sentence`${first}, ${second}`,
    classes: goneClasses(rows, (path) => used.has(path)),
  };
}

/** The classes of which no image is left, sorted. */
export function goneClasses(rows: readonly PathLabel[], isUsed: (path: string) => boolean): string[] {
  const classesOf = (chosen: readonly PathLabel[]) => new Set(chosen.map(({ label }) => label));
  const left = classesOf(rows.filter(({ path }) => isUsed(path)));
  return [...classesOf(rows)].filter((label) => !left.has(label) && label !== noneOfTheseText).sort();
}

/** What to say of lost labels, in a line; undefined where none is lost. @param all how many labels there are */
export function describeLost({ count, why, classes }: LostLabels, all: number): Sentence | undefined {
  if (why === undefined) return undefined;
  return sentence`labels: ${count} of ${all} labels do not count: ${why}${describeGone(classes)}`;
}

/** Names the classes that have no label left, as the end of a sentence. */
export function describeGone(classes: readonly string[]): string {
  if (classes.length === 0) return '';
  const shown = classes.slice(0, 10).map((name) => `'${name}'`);
  const more = classes.length > shown.length ? ` and ${classes.length - shown.length} more` : '';
  return classes.length === 1
    ? `; the class ${shown[0]} has no other and is not learned`
    : `; the classes ${shown.join(', ')}${more} have no others and are not learned`;
}
