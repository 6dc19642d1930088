import { hideLabels, membersByClass } from '../../data/labels/hidden_labels.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { type LabelTask, labelledSet } from '../../label/task.ts';

/** A point of the curves: labels a class, or null for all that are not held out. */
export type Point = number | null;

/**
 * The points that a setting names.
 * @returns ascending, each once, all labels last
 * @throws UserError where one is neither a whole number nor `all`
 */
export function parsePoints(text: string): Point[] {
  const words = text.split(',').map((word) => word.trim());
  const wrong = words.find((word) => word !== 'all' && !/^[1-9]\d{0,6}$/.test(word));
  if (wrong !== undefined)
    throw new UserError(
      sentence`${named('perClass', text)} cannot be: '${wrong}' is no number of labels; give whole numbers of at least 1 with commas between them, and all for every label`,
    );
  const numbers = [...new Set(words.filter((word) => word !== 'all').map(Number))].sort((a, b) => a - b);
  return [...numbers, ...(words.includes('all') ? [null] : [])];
}

/**
 * Those of the points that the labels suffice for: each class has more labels than are drawn of it, so that draws differ.
 * @returns the points, and those that were left out
 * @throws UserError where none is left
 */
export function reachablePoints(
  points: readonly Point[],
  { classes, given }: Pick<LabelTask, 'classes' | 'given'>,
): { readonly points: readonly Point[]; readonly left: readonly number[] } {
  const members = membersByClass({ classes, labels: given });
  const sizes = members.map(({ length }) => length);
  const fewest = Math.min(...sizes);
  const reached = points.filter((point) => point === null || point < fewest);
  const left = points.filter((point) => point !== null && point >= fewest) as number[];
  if (reached.length > 0) return { points: reached, left };
  const rarest = classes[sizes.indexOf(fewest)]!;
  throw new UserError(
    sentence`class '${rarest}' has ${fewest} labels beside those that are held out, too few to draw ${Math.min(...left)} of each class: lower ${named('perClass')}, add all to it, or give more ${named('labels')}`,
  );
}

/** The labels of one draw: the same for every method. @param draw its number, from 0 */
export function drawLabels(
  { classes, given }: Pick<LabelTask, 'classes' | 'given'>,
  point: Point,
  draw: number,
  seed: number,
): Int32Array {
  if (point === null) return given;
  return hideLabels({ classes, labels: given }, point, seed + draw).labels;
}

/** Draws at a point: of all labels there is one. */
export const drawsAt = (point: Point, draws: number): number => (point === null ? 1 : draws);

/** How many labels a draw at the point has. */
export const labelsAt = ({ classes, given }: Pick<LabelTask, 'classes' | 'given'>, point: Point): number =>
  point === null ? labelledSet(given).images.length : point * classes.length;
