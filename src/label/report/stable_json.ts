import type { Report } from './report.ts';

/** The text of report.json: indented by two, keys in the order of the alphabet however the report was put together. */
export function reportJson(report: Report): string {
  return `${JSON.stringify(report, sorted, 2)}\n`;
}

function sorted(_: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
