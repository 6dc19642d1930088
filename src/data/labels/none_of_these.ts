/** What a person writes for an image that belongs to none of the classes; as files hold it. */
export const noneOfTheseText = 'none of these';

/** The class number of such an image: it belongs to no class, and yet a person has looked at it. */
export const noneOfThese = -2;

/** Case, and what stands between the words, do not matter. */
const written = /^none[\s_-]+of[\s_-]+these$/i;

/** Characters that nobody sees: joiners, marks of direction, soft hyphens, byte order marks inside a text. */
const unseen = /[\u00ad\u200b\u200e\u200f\u2060\ufeff]/g;

/**
 * A label as it counts: without spaces around it and with one space where several are, letters composed, without
 * characters that nobody sees, and `none of these` in its one form however it was written.
 */
export function readLabel(cell: string): string {
  const label = cell.replace(unseen, '').normalize('NFC').trim().replace(/\s+/g, ' ');
  return written.test(label) ? noneOfTheseText : label;
}

/** Whether a person has said something of an image: its class, or that it has none. */
export const isAnswered = (label: number): boolean => label >= 0 || label === noneOfThese;
