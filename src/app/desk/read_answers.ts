import { readTable, unguard } from '../../data/labels/csv.ts';
import type { PathLabel } from '../../data/labels/given_rows.ts';
import { noneOfTheseText } from '../../data/labels/none_of_these.ts';
import { readOrigin } from '../../data/labels/origin.ts';
import { UserError } from '../../errors.ts';
import { Answers } from './answers.ts';

/**
 * Reads answers as `Answers.csv` writes them, also those that only skip an image.
 * @param file its name, for messages
 * @returns the answers, and the classes with those behind them that only the answers name
 * @throws UserError for a row of an image that there is not
 */
export function readAnswers(
  text: string,
  file: string,
  paths: readonly string[],
  known: readonly string[],
): { answers: Answers; classes: readonly string[] } {
  const answers = new Answers();
  const table = readTable(text, file, ['path', 'label']);
  const column = (name: string) => table.names.indexOf(name);
  const [pathAt, labelAt, originAt, probabilityAt] = ['path', 'label', 'origin', 'probability'].map(column);
  const imageOf = new Map(paths.map((path, image) => [path, image]));
  const numberOf = new Map(known.map((name, number) => [name, number]));
  const classOf = (label: string): number => {
    const number = numberOf.get(label) ?? numberOf.size;
    numberOf.set(label, number);
    return number;
  };
  for (const { row, fields } of table.rows) {
    const image = imageOf.get(fields[pathAt!]!) ?? imageOf.get(unguard(fields[pathAt!]!));
    const label = unguard(fields[labelAt!]!);
    const origin = readOrigin(fields[originAt!] ?? '', fields[probabilityAt!] ?? '', file, row);
    const answer = label === '' ? 'skip' : label === noneOfTheseText ? 'none' : classOf(label);
    if (image === undefined)
      throw new UserError(
        `${file}, row ${row}: the session has no image ${fields[pathAt!]}: take the row out`,
      );
    answers.know(image, answer, origin ?? { origin: 'own' });
  }
  return { answers, classes: [...numberOf.keys()] };
}

/** Labels that came with images, as answers of the person's own that nothing takes back, and their classes, sorted. */
export function answersOfRows(
  rows: readonly PathLabel[],
  paths: readonly string[],
): { answers: Answers; classes: readonly string[] } {
  const names = new Set(rows.map(({ label }) => label).filter((label) => label !== noneOfTheseText));
  const classes = [...names].sort();
  const numberOf = new Map(classes.map((name, number) => [name, number]));
  const imageOf = new Map(paths.map((path, image) => [path, image]));
  const answers = new Answers();
  for (const { path, label, origin = { origin: 'own' } as const } of rows) {
    const image = imageOf.get(path);
    if (image !== undefined) answers.know(image, numberOf.get(label) ?? 'none', origin);
  }
  return { answers, classes };
}
