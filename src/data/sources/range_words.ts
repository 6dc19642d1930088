import { named, sentence, UserError } from '../../errors.ts';
import type { SampleRange } from '../../formats/images/screen_values.ts';

/** What the setting `range` says: `auto` finds one for the set, `file` gives every image its own, or it is there. */
export type RangeChoice = 'auto' | 'file' | SampleRange;

/** A number as people write it. */
const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const ends = new RegExp(`^(auto:)?\\s*(${number})\\s*,\\s*(${number})$`);

/**
 * Reads the setting `range`: `auto`, `file`, `LOW,HIGH`, or `auto:LOW,HIGH` as an earlier run has found it.
 * @throws UserError for anything else
 */
export function parseRange(text: string): RangeChoice {
  if (text === 'auto' || text === 'file') return text;
  const found = ends.exec(text.trim());
  const [low, high] = [Number(found?.[2]), Number(found?.[3])];
  if (!found || !(low < high) || !Number.isFinite(high - low))
    throw new UserError(
      sentence`${named('range', text)} cannot be: give auto, file, or the numbers to show black and white, such as 0,4095`,
    );
  return { low, high, stated: found[1] ? 'followed' : 'ignored' };
}

/** The range that the setting names; undefined where each image has its own. @throws UserError for words that are no range */
export function rangeOf(text = 'auto'): SampleRange | undefined {
  const choice = parseRange(text);
  return typeof choice === 'string' ? undefined : choice;
}

/** A range as the setting `range` has it. */
export function rangeText({ low, high, stated }: SampleRange): string {
  return `${stated === 'followed' ? 'auto:' : ''}${low},${high}`;
}
