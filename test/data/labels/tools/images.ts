import type { NamedImages } from '../../../../src/data/labels/given_rows.ts';
import { readToolFile } from '../../../../src/data/labels/tools/read_tool_file.ts';
import { resolveEntries, type ToolLabels } from '../../../../src/data/labels/tools/resolve.ts';

/** Images of a source, as far as readers of labels know them. */
export const imagesOf = (...paths: string[]): NamedImages => ({
  name: 'photos',
  paths,
  classes: [],
  omitted: [],
  unreadable: [],
});

/** The labels that a text gives to images; undefined for a table that is no tool's. */
export function labelsIn(
  text: string | Uint8Array,
  images: NamedImages,
  { folder = '' } = {},
): ToolLabels | undefined {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const file = readToolFile(bytes, 'labels', folder);
  return file && resolveEntries(file, images, 'labels');
}

/** The labels of a value as JSON, as pairs of path and label. */
export const pairsIn = (value: unknown, images: NamedImages): [string, string][] =>
  labelsIn(typeof value === 'string' ? value : JSON.stringify(value), images)!.rows.map(({ path, label }) => [
    path,
    label,
  ]);
