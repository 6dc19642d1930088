import { sentence, UserError } from '../../errors.ts';
import type { RankLink } from '../../platform/platform.ts';
import { gatherTexts } from './texts.ts';

/** Longest value that a message quotes. */
const longestQuote = 80;

/**
 * Holds what ranks were started with against what rank 0 was; nothing in a process alone.
 * @param facts by the names that a message gives them; each is what JSON can say
 * @throws UserError on all ranks, naming the first that differs, and in what
 */
export async function requireAlike(
  link: RankLink | undefined,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (!link) return;
  const texts = await gatherTexts(link, 'what the ranks were started with', JSON.stringify(facts));
  const [first, ...others] = texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  for (const [i, other] of others.entries()) {
    const names = [...new Set([...Object.keys(first!), ...Object.keys(other)])];
    const name = names.find((key) => quoted(first![key]) !== quoted(other[key]));
    if (name === undefined) continue;
    throw new UserError(
      sentence`rank ${i + 1} differs from rank 0 in ${name} (${shown(other[name])}, not ${shown(first![name])}): start all ranks with the same settings, version and data`,
    );
  }
}

const quoted = (value: unknown): string => JSON.stringify(value) ?? 'none';

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : quoted(value);
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
}
