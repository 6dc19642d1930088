import type { Report } from './report.ts';

/** The text of report.json. */
export const reportJson = (report: Report): string => stableJson(report);

/** JSON indented by two, keys in the order of the alphabet however the value was put together. */
export function stableJson(value: unknown): string {
  return `${JSON.stringify(value, sorted, 2)}\n`;
}

/** The same in one line: equal where the values are, for digests. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sorted);

function sorted(_: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
