import { folderLabels, labelsOf } from '../../data/labels/class_numbers.ts';
import { questionLabels } from '../../data/labels/doubtful_labels.ts';
import {
  type GivenRowsOptions,
  mergeLabels,
  type NamedImages,
  type PathLabel,
  readGivenRows,
} from '../../data/labels/given_rows.ts';
import { membersByClass } from '../../data/labels/hidden_labels.ts';
import { describeLost, lostLabels } from '../../data/labels/lost_labels.ts';
import { isAnswered, noneOfThese, noneOfTheseText } from '../../data/labels/none_of_these.ts';
import { type Origins, originsOf } from '../../data/labels/origin.ts';
import { PathMatcher } from '../../data/labels/path_matching.ts';
import { describeParts } from '../../data/labels/split_folders.ts';
import type { ImageStream, Labels } from '../../data/sources/image_stream.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { demoPlan } from '../plan/demo_plan.ts';
import type { JobContext } from '../reporter.ts';
import type { DataSettings } from '../settings/data.ts';
import { sourceKind } from './image_source_kind.ts';
import { readText } from './read_text.ts';
import { annotationFiles, toolLabels } from './tool_labels.ts';

/** @throws UserError where a labels file that is named does not exist, or is a folder without annotations */
export async function requireLabelsFile({ files }: JobContext, labels: string | undefined): Promise<void> {
  if (labels === undefined || labels === 'folders') return;
  const found = await files.stat(labels);
  if (found?.kind === 'file') return;
  if (found && (await annotationFiles(files, labels)).length > 0) return;
  const problem = found ? 'is a folder without XML files of annotations' : 'does not exist';
  throw new UserError(
    sentence`${named('labels', labels)} ${problem}: give a CSV file with the header path,label, a label tool's export, or 'folders'`,
  );
}

/** @throws UserError where the settings alone tell that no image can have a label */
export function requireLabels({ data, labels }: Pick<DataSettings, 'data' | 'labels'>): void {
  if (labels === undefined && sourceKind(data) === 'folder') throw noLabels(data);
}

const noLabels = (data: string) =>
  new UserError(
    sentence`${data} has no labels of its own: give ${named('labels', 'FILE.csv')} (header path,label) or ${named('labels', 'folders')}`,
  );

/** Where labels come from beside the settings of the run. */
export interface LabelSources {
  /** Without labels nothing can be labelled; a pretext run needs none. */
  readonly labelsRequired: boolean;
  /** The labels that people gave in an earlier run, undefined where it has none. They then stand for the run's own. */
  readonly earlier?: (images: NamedImages) => Promise<readonly PathLabel[] | undefined>;
  /** A file of labels, or `folders`, whose rows are added to the earlier ones. */
  readonly added?: string | undefined;
  /** Whether the labels to show are drawn anew from all that is known. */
  readonly drawAnew?: boolean;
}

/** What is known of the images' classes, and what of it was given. */
export interface FoundLabels {
  /** All that is known of the images' classes, hidden labels too: only to score with. */
  readonly known: Labels;
  /** The class that was given to each image, a number in `known.classes`; −1 where none was. */
  readonly given: Int32Array;
  /** How each labelled image came to be labelled, as far as it is said. */
  readonly origins: Origins;
  /** Labels of each class to show; undefined: all that were given. */
  readonly perClass: number | undefined;
  /** Whether an earlier command drew the given labels, and hid others. */
  readonly drawn: boolean;
}

/** The settings that labels follow from. */
export type LabelSettings = Pick<DataSettings, 'data' | 'labels' | 'labelsPerClass'> &
  Partial<Pick<DataSettings, 'doubtfulLabels'>>;

/** Labelled training images of the class that has the fewest, at least 1. */
const fewestOfClass = (labels: Labels): number =>
  Math.max(1, Math.min(...membersByClass(labels).map(({ length }) => length)));

/** Finds the labels of a job: those of its settings, or those of an earlier run with what is added to them. */
export async function findLabels(
  context: JobContext,
  stream: ImageStream,
  options: LabelSettings,
  { labelsRequired, earlier, added, drawAnew = false }: LabelSources,
): Promise<FoundLabels> {
  const { data, labels } = options;
  const own: Labels = { classes: stream.classes, labels: stream.labels, partition: stream.partition };
  const isDemo = data === 'demo' && labels === undefined;
  const perClass =
    options.labelsPerClass ?? (isDemo ? Math.min(demoPlan.labelsPerClass, fewestOfClass(own)) : undefined);
  const before = await earlier?.(stream);
  if (!before) {
    if (labels !== undefined)
      return { ...known(await rowsOf(context, stream, labels, options), labels), perClass, drawn: false };
    if (labelsRequired && !own.labels.some((label) => label >= 0)) throw noLabels(data);
    return { known: own, given: own.labels, origins: new Map(), perClass, drawn: false };
  }
  let rows = before;
  if (added !== undefined) {
    const classes = [...new Set(before.map(({ label }) => label))];
    const merged = mergeLabels(rows, await rowsOf(context, stream, added, options, classes));
    context.reporter.note(
      `labels: ${merged.added} added, ${merged.changed} changed, ${merged.rows.length} in all`,
    );
    rows = merged.rows;
  }
  const where = 'the labels given before';
  const hidden = perClass !== undefined ? await hiddenRows() : undefined;
  if (drawAnew) {
    const all = mergeLabels(hidden ?? ownRows(stream), rows).rows;
    return { ...known(all, where), perClass, drawn: false };
  }
  const found = known(rows, where);
  return {
    ...found,
    known: hidden ? withTruth(found.known, hidden, stream.paths) : found.known,
    perClass: undefined,
    drawn: perClass !== undefined,
  };

  /** Where the set knows the classes itself, what was not given can score. */
  function known(
    rows: readonly PathLabel[],
    where: string,
  ): Pick<FoundLabels, 'known' | 'given' | 'origins'> {
    const { classes, labels: given } = labelsOf(rows, stream, where);
    const lost = describeLost(lostLabels(rows, stream), rows.length);
    if (lost) context.reporter.note(lost);
    const truth = classes === stream.classes ? own : { classes, labels: given, partition: stream.partition };
    return { known: truth, given, origins: originsOf(rows, stream) };
  }

  /** Labels outside the set of which the earlier command showed some. */
  async function hiddenRows(): Promise<readonly PathLabel[] | undefined> {
    if (labels === undefined) return undefined;
    if (labels === 'folders' || (await context.files.stat(labels)) !== undefined)
      return rowsOf(context, stream, labels, options);
    context.reporter.note(`labels: ${labels} is gone, so that its hidden labels cannot score`);
    return undefined;
  }
}

/**
 * The rows of a labels file, or the folder names.
 * @param classes names of classes that were given before
 */
export async function rowsOf(
  context: JobContext,
  stream: NamedImages,
  labels: string,
  { data, doubtfulLabels: doubtful = 'ask' }: Pick<LabelSettings, 'data' | 'doubtfulLabels'>,
  classes: readonly string[] = [],
): Promise<readonly PathLabel[]> {
  const { reporter } = context;
  if (labels === 'folders') return folderRows(context, stream, doubtful, classes);
  const ofTool = await toolLabels(context.files, stream, labels, data);
  if (ofTool) {
    for (const note of ofTool.notes) reporter.note(note);
    const left = questionLabels(ofTool.rows, [...stream.classes, ...classes], doubtful, labels);
    for (const [label, count] of left)
      reporter.note(`labels: ${count} images with the label '${label}' count as not labelled`);
    return ofTool.rows.filter(({ label }) => !left.has(label));
  }
  const matcher = new PathMatcher(stream);
  const names = new Set([...classes, ...stream.classes].map((name) => name.normalize('NFC')));
  const isKnown = (cell: string) => names.has(cell.normalize('NFC')) || matcher.names(cell);
  const text = await readText(context, labels, isKnown);
  return countedRows(reporter, text, stream, { file: labels, classes, doubtful });
}

/** The rows of a labels file's text, with a word of what was left out of them. */
export function countedRows(
  reporter: Pick<JobContext['reporter'], 'note'>,
  text: string,
  stream: NamedImages,
  options: GivenRowsOptions,
): readonly PathLabel[] {
  const { file } = options;
  const { rows, predictedRows, emptyRows, skippedRandom, notes } = readGivenRows(text, stream, options);
  for (const note of notes) reporter.note(`labels: ${note}`);
  if (predictedRows > 0) {
    reporter.note(
      `labels: ${rows.length} given ones taken from ${file}, ${predictedRows} predicted ones left out (write given as the status of those that you have checked)`,
    );
  }
  if (emptyRows > 0) reporter.note(`labels: ${emptyRows} rows of ${file} without a label were left out`);
  if (skippedRandom > 0) {
    reporter.note(
      `labels: ${skippedRandom} rows of ${file} drawn at random were passed over: label them too, since a sample without what is hard to name promises too much`,
    );
    // They still check, as labels of the person's own choice do, but not as a sample that is known to be random.
    return rows.map((row) => (row.origin?.origin === 'random' ? { ...row, origin: { origin: 'own' } } : row));
  }
  return rows;
}

/** What the names of folders say; images that cannot be read, or were left out by the limit, are among them. */
function folderRows(
  { reporter }: JobContext,
  stream: NamedImages,
  doubtful: NonNullable<LabelSettings['doubtfulLabels']>,
  classes: readonly string[],
): PathLabel[] {
  const paths = [...stream.paths, ...stream.omitted, ...stream.unreadable.map(({ path }) => path)];
  const found = folderLabels({ name: stream.name, paths });
  const parts = describeParts(paths);
  if (parts !== undefined) reporter.note(`labels: ${parts}`);
  const rows = ownRows({ ...found, paths });
  const where = sentence`${named('labels', 'folders')} in ${stream.name}`;
  const left = questionLabels(rows, [...stream.classes, ...classes], doubtful, where);
  for (const [label, count] of left)
    reporter.note(`labels: ${count} images below ${label} count as not labelled`);
  return rows.filter(({ label }) => !left.has(label));
}

function ownRows({ paths, classes, labels }: Pick<ImageStream, 'paths' | 'classes' | 'labels'>): PathLabel[] {
  return paths.flatMap((path, image) => {
    const label = labels[image] === noneOfThese ? noneOfTheseText : classes[labels[image]!];
    return label === undefined ? [] : [{ path, label }];
  });
}

/** Labels with those of other rows where they have none, as far as their classes are the same. */
function withTruth(given: Labels, rows: readonly PathLabel[], paths: readonly string[]): Labels {
  const labelOf = new Map(rows.map(({ path, label }) => [path, given.classes.indexOf(label)]));
  const labels = given.labels.map((label, image) =>
    isAnswered(label) ? label : (labelOf.get(paths[image]!) ?? -1),
  );
  return { ...given, labels };
}
