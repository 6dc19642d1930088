import { type Sentence, sentence, UserError } from '../../../errors.ts';
import type { NamedImages, PathLabel } from '../given_rows.ts';
import { readLabel } from '../none_of_these.ts';
import { ImageFinder } from './image_finder.ts';
import { type Reason, reasons, type ToolEntry, type ToolFile } from './tool_file.ts';

/** The labels of a tool's file, by images of the source. */
export interface ToolLabels {
  /** One an image, in the order of the file. */
  readonly rows: readonly PathLabel[];
  /** What the user should know: how many labels were taken from what, what was left out and why. */
  readonly notes: readonly string[];
}

/** What is known of one image: the labels that were given to it, or why there is none. */
interface Gathered {
  readonly labels: Set<string>;
  origin: ToolEntry['origin'];
  leftOut: Reason;
  readonly name: string;
}

/**
 * Brings the entries of a tool's file to images of the source. An image has a label where all who labelled it agree on one
 * class; the others are counted by reason, with an example of each.
 * @throws UserError where the file has entries and none is of an image of the source
 */
export function resolveEntries(
  { tool, entries, notes = [] }: ToolFile,
  source: NamedImages,
  file: string,
): ToolLabels {
  const finder = new ImageFinder([
    ...source.paths,
    ...source.omitted,
    ...source.unreadable.map(({ path }) => path),
  ]);
  const images = new Map<string, Gathered>();
  const lost = new Map<string, Gathered>();
  for (const entry of entries) {
    const found = finder.find(entry.places);
    if ('path' in found) gather(images, found.path, entry, found.path);
    else if (entry.places.length === 0) gather(lost, `placeless ${lost.size}`, entry, '', 'placeless');
    else gather(lost, entry.places[0]!, entry, entry.places[0]!, found.missing);
  }
  if (entries.length > 0 && images.size === 0) throw nothingFound(entries, source, file);
  const rows: PathLabel[] = [];
  const left = new Map<Reason, { count: number; example: string }>();
  const leave = (reason: Reason, name: string): void => {
    const { count, example } = left.get(reason) ?? { count: 0, example: name };
    left.set(reason, { count: count + 1, example });
  };
  for (const [path, { labels, origin, leftOut }] of images) {
    const [label] = labels;
    if (label !== undefined && labels.size === 1) rows.push({ path, label, ...(origin && { origin }) });
    else if (labels.size > 1) leave('differ', `${path}: ${[...labels].slice(0, 3).join(', ')}`);
    else leave(leftOut, path);
  }
  for (const { leftOut, name } of lost.values()) leave(leftOut, name);
  return { rows, notes: [summary(rows.length, tool, file, left), ...notes] };
}

function gather(
  into: Map<string, Gathered>,
  key: string,
  { classes, leftOut, origin }: ToolEntry,
  name: string,
  missing?: Reason,
): void {
  const labels = new Set(leftOut ? [] : classes.map(readLabel).filter((label) => label !== ''));
  const reason = missing ?? leftOut ?? (labels.size > 1 ? 'several' : 'open');
  const before = into.get(key);
  if (!before) {
    into.set(key, { labels: labels.size === 1 ? labels : new Set(), origin, leftOut: reason, name });
    return;
  }
  // Several classes of one entry are no label, and say more than that another entry is open.
  if (labels.size === 1) for (const label of labels) before.labels.add(label);
  else if (before.leftOut === 'open') before.leftOut = reason;
  before.origin ??= origin;
}

function summary(
  count: number,
  tool: string,
  file: string,
  left: ReadonlyMap<Reason, { readonly count: number; readonly example: string }>,
): string {
  const parts = Array.from(
    left,
    ([reason, { count, example }]) =>
      `${count} ${reasons[reason]}${example ? ` (${count > 1 ? 'first: ' : ''}${example})` : ''}`,
  );
  const rest = parts.length > 0 ? `; left out: ${parts.join(', ')}` : '';
  return `labels: ${count} taken from ${file} (${tool})${rest}`;
}

function nothingFound(entries: readonly ToolEntry[], source: NamedImages, file: string): UserError {
  const example = entries.find(({ places }) => places.length > 0)?.places[0];
  if (example === undefined) return new UserError(`${file} names no image: export it with the images' paths`);
  const looks: Sentence | string =
    source.paths[0] === undefined ? '' : `, whose paths look like ${source.paths[0]}`;
  return new UserError(
    sentence`${file}: none of its images is among those of ${source.name}${looks}; it names ${example}: give the folder or the labels that belong together`,
  );
}
