import { UserError } from '../../../errors.ts';
import { elementsIn, type StoredArray, shapeText } from './stored_array.ts';

/** What each image of a part is labelled with: a number or a name; undefined where it is unlabelled. */
export type ArrayLabels = readonly (number | string | undefined)[];

/** Numbers up to here pass through 32-bit floats unchanged. */
const largest = 2 ** 24;

/**
 * The labels of a part, one an image: N or N×1 whole numbers or names, or N×k with a single 1 in each row.
 * @param count images of the part
 * @throws UserError for labels of another number, with several answers an image, and numbers that are not whole
 */
export async function readArrayLabels(array: StoredArray, count: number, file: string): Promise<ArrayLabels> {
  const { name, shape, elements } = array;
  const where = `${file}, ${name}`;
  if (array.unreadable) throw new UserError(`${where} ${array.unreadable}`);
  if (shape[0] !== count)
    throw new UserError(
      `${where} has ${shape[0] ?? 1} labels for ${count} images: save those that belong together`,
    );
  const columns = elementsIn(shape.slice(1));
  if (elements === 'text') {
    if (columns === 1) return (await array.texts()).map((text) => text.trim() || undefined);
    throw severalAnswers(where, shape);
  }
  const numbers = await array.numbers();
  if (columns === 1) {
    const wrong = numbers.findIndex((value) => !Number.isInteger(value) || Math.abs(value) > largest);
    if (wrong < 0) return Array.from(numbers);
    throw new UserError(
      `${where}: label ${wrong} is ${numbers[wrong]}, but a class is a whole number up to ${largest}: save labels of classes, not measurements`,
    );
  }
  return Array.from({ length: count }, (_, image) => {
    const row = numbers.subarray(image * columns, (image + 1) * columns);
    const ones = row.reduce((sum, value) => sum + Number(value === 1), 0);
    const zeros = row.reduce((sum, value) => sum + Number(value === 0), 0);
    if (ones === 1 && zeros === columns - 1) return row.indexOf(1);
    throw severalAnswers(where, shape);
  });
}

function severalAnswers(where: string, shape: readonly number[]): UserError {
  return new UserError(
    `${where} is ${shapeText(shape)}: several answers an image, of which any number may hold; save one column of them, the question that counts, as N labels`,
  );
}

/** Classes of all parts, and each part's class numbers. */
export interface NumberedLabels {
  readonly classes: readonly string[];
  /** A class number an image, −1 where it is unlabelled; undefined for a part without labels. */
  readonly labels: readonly (Int32Array | undefined)[];
}

/**
 * Classes by their values, numbers in their order and before names; `names` gives numbers from 0 their names. −1 marks
 * images without a label, where there are two classes or more beside it.
 */
export function numberLabels(
  parts: readonly (ArrayLabels | undefined)[],
  names: readonly string[] | undefined,
): NumberedLabels {
  const values = new Set(parts.flatMap((labels) => (labels ? [...new Set(labels)] : [])));
  values.delete(undefined);
  if (values.size > 2) values.delete(-1);
  const sorted = [...values].sort(compare) as (number | string)[];
  const areNamed = names !== undefined && sorted.every((value) => typeof value === 'number' && names[value]);
  const classes = areNamed ? [...names] : sorted.map(String);
  const numberOf = new Map(sorted.map((value, number) => [value, areNamed ? (value as number) : number]));
  return {
    classes,
    labels: parts.map(
      (labels) =>
        labels &&
        Int32Array.from(labels, (value) => (value === undefined ? -1 : (numberOf.get(value) ?? -1))),
    ),
  };
}

function compare(a: number | string | undefined, b: number | string | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return String(a) < String(b) ? -1 : 1;
}
