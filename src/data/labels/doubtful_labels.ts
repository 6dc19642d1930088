import { named, type Sentence, sentence, UserError } from '../../errors.ts';
import { noneOfTheseText } from './none_of_these.ts';
import { byteInWindows1252 } from './windows_1252.ts';

/** What is done about labels that are hardly meant as classes; see `questionLabels`. */
export const doubtfulAnswers = ['ask', 'keep', 'drop'] as const;
/** One of `doubtfulAnswers`. */
export type DoubtfulAnswer = (typeof doubtfulAnswers)[number];

/** A label that was given to an image. */
export interface GivenLabel {
  readonly label: string;
  /** Its row in a file; absent where folders are the labels. */
  readonly row?: number;
}

/** What tables, programs and people write where nothing is known. */
const nothing =
  /^(?:n\/?a|n\.a\.?|<na>|\\n|none|null|nil|nan|undefined?|undef|unknown|\?+|-+|–|—|\.|_+|\*|missing|unlabell?ed|not labell?ed|no label|unclassified|unassigned|unsure|not sure|tbd|todo|k\. ?a\.|n\/d|-1(?:\.0+)?|-999+|#(?:n\/a|ref!|name\?|value!|div\/0!|null!|num!))$/i;

/** Whether a label is one of those that mostly say that there is none. */
export const saysNothing = (label: string): boolean => nothing.test(label);

/**
 * Asks about labels that are hardly meant as classes, before a class is made of them: what tables write where nothing is
 * known (`NA`, `None`, `-1`, `?`), names that differ from another only by case, hyphens or the form of a number, and names
 * whose letters an earlier program has broken. What is a class already is not asked about.
 * @param labels the labels of the rows, `none of these` among them
 * @param classes names of classes that are there already
 * @param answer `keep`: all are classes; `drop`: what says that nothing is known is no label
 * @param file the file's name, for messages
 * @returns the labels that are to be left out, with how many rows have each
 * @throws UserError for a doubtful label that nothing was said about
 */
export function questionLabels(
  labels: readonly GivenLabel[],
  classes: readonly string[],
  answer: DoubtfulAnswer,
  file: string | Sentence,
): ReadonlyMap<string, number> {
  const counted = countLabels(labels, file);
  const known = new Set(classes);
  const fresh = [...counted].filter(([label]) => !known.has(label));
  const lost = fresh.find(([label]) => label.includes('\ufffd'));
  if (lost) throw brokenLetters(...lost);
  if (answer === 'keep') return new Map();
  const left = new Map<string, number>();
  for (const [label, found] of fresh) {
    if (!saysNothing(label) || isOneOfTwo(label, counted)) continue;
    if (answer === 'drop') left.set(label, found.count);
    else throw asNothing(label, found);
  }
  const kept = fresh.filter(([label]) => !left.has(label));
  const names = new Map(classes.map((name) => [likeness(name), name]));
  for (const [label, found] of kept) {
    const meant = readTwice(label);
    if (meant !== undefined) throw asReadTwice(label, meant, found);
    const twin = names.get(likeness(label));
    if (twin !== undefined && twin !== label) throw asTwins(label, twin, found, counted.get(twin)?.count);
    names.set(likeness(label), label);
  }
  return left;
}

/**
 * The class that a label means which a spreadsheet has written as a number: `7` where the class is `007`, `1` where it is
 * `+1` or `1.0`. Undefined where the label is a class itself, or not one class has its number.
 */
export function classOfNumber(label: string, classes: readonly string[]): string | undefined {
  if (!isNumber.test(label) || classes.includes(label)) return undefined;
  const same = classes.filter((name) => isNumber.test(name) && Number(name) === Number(label));
  return same.length === 1 ? same[0] : undefined;
}

const isNumber = /^[+-]?\d+(?:\.\d+)?$/;

/** What names that one person would take for the same have in common. */
function likeness(label: string): string {
  if (isNumber.test(label)) return String(Number(label));
  return label
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(?<=[^\s_-])[\s_-]+(?=[^\s_-])/g, ' ');
}

/** How often a label was given, and where. */
interface Found {
  count: number;
  /** Where it was given first, as the beginning of a sentence. */
  readonly where: Sentence;
  /** Whether a file gives it, and not a folder. */
  readonly inFile: boolean;
}

/** Each label, in the order in which they were given first. */
function countLabels(labels: readonly GivenLabel[], file: string | Sentence): Map<string, Found> {
  const counted = new Map<string, Found>();
  for (const { label, row } of labels) {
    if (label === noneOfTheseText) continue;
    const before = counted.get(label);
    if (before) {
      before.count++;
      continue;
    }
    const where = row === undefined ? sentence`${file}` : sentence`${file}, row ${row}`;
    counted.set(label, { count: 1, where, inFile: row !== undefined });
  }
  return counted;
}

/** −1 beside 1 and nothing else is one of two classes, as some classifiers number them. */
function isOneOfTwo(label: string, counted: ReadonlyMap<string, unknown>): boolean {
  if (Number(label) !== -1 || counted.size !== 2) return false;
  return [...counted.keys()].some((other) => Number(other) === 1);
}

/** What a label was before its UTF-8 was read as Windows-1252 and saved again; undefined where it was not. */
function readTwice(label: string): string | undefined {
  if (!/[\u00c2-\u00f4]/.test(label)) return undefined;
  const bytes: number[] = [];
  for (const letter of label) {
    const byte = byteInWindows1252(letter);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes)).normalize('NFC');
  } catch {
    return undefined;
  }
}

const images = (count: number): string => (count === 1 ? '1 image has' : `${count} images have`);

const keepIt = sentence`let ${named('doubtfulLabels', 'keep')} make it a class`;

function asNothing(label: string, { count, where, inFile }: Found): UserError {
  const unlabelled = inFile
    ? sentence`empty the cells, or let ${named('doubtfulLabels', 'drop')} do so`
    : sentence`call the folder unlabelled, or give ${named('doubtfulLabels', 'drop')}`;
  return new UserError(
    sentence`${where}: ${images(count)} the label '${label}', of which a class would be made. Where it says that nothing is known, ${unlabelled}; where the image belongs to no class, write '${noneOfTheseText}'; where it is a class, ${keepIt}`,
  );
}

function asReadTwice(label: string, meant: string, { where }: Found): UserError {
  return new UserError(
    sentence`${where}: the label '${label}' looks like '${meant}', read in a wrong encoding and saved again: write it anew and save the file as 'CSV UTF-8', or ${keepIt}`,
  );
}

function asTwins(label: string, twin: string, { count, where, inFile }: Found, others?: number): UserError {
  const rest = others ? `${images(others)} '${twin}'` : `the class '${twin}' is there already`;
  const one = inFile ? 'write one of the two everywhere' : 'give the folders one name';
  return new UserError(
    sentence`${where}: ${images(count)} the label '${label}' and ${rest}, which differ only in how they are written: ${one}, or let ${named('doubtfulLabels', 'keep')} make two classes`,
  );
}

function brokenLetters(label: string, { where }: Found): UserError {
  return new UserError(
    sentence`${where}: letters of the label '${label}' were lost when another program saved it: write it anew`,
  );
}
