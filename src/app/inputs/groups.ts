import { type CsvTable, readTable, unguard } from '../../data/labels/csv.ts';
import { PathMatcher } from '../../data/labels/path_matching.ts';
import { PathReader } from '../../data/labels/path_reader.ts';
import { folderParts } from '../../data/labels/split_folders.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { burstsOf } from '../../label/groups/bursts.ts';
import { looksGrouped, namedSeries, seriesTemplates } from '../../label/groups/name_series.ts';
import { type GivenGroups, groupsByName } from '../../label/groups/observation_groups.ts';
import { type LabelTask, labelledSet } from '../../label/task.ts';
import type { JobContext } from '../reporter.ts';
import { readShots, requirePhotos, sayWhen } from './capture_times.ts';
import { type GroupSource, groupSource, usualPause } from './group_source.ts';
import { readText } from './read_text.ts';

/** What a job knows of the groups of its images. */
export interface GroupRequest {
  /** The setting `groups`; undefined where the user does not say. */
  readonly groups: string | undefined;
  /** Settings `labels` of this job and of the run that it goes on from: their files may have a column of groups. */
  readonly labels: readonly (string | undefined)[];
  /** The setting `data`: the folder whose photos say when they were taken. */
  readonly data: string;
  /** Folder of the run that is gone on with: its labels.csv keeps groups whose file may be gone. */
  readonly run?: string | undefined;
}

/**
 * The groups of the images: as the user says, or else those that names and folders show (see `looksGrouped`), with a word
 * of it; undefined where each image stands alone.
 * @throws UserError where the groups that the user names are not to be found
 */
export async function findGroups(
  context: JobContext,
  stream: GroupedImages,
  { given, classes }: Pick<LabelTask, 'given' | 'classes'>,
  request: GroupRequest,
  seed: number,
): Promise<GivenGroups | undefined> {
  if (request.groups === undefined)
    return suggestedGroups(context, stream.paths, { given, classes }, request, seed);
  const source = groupSource(request.groups);
  if (source.kind === 'none') return undefined;
  const groups = await groupsOf(context, stream, source, request);
  const { reporter } = context;
  const alone = stream.paths.filter((_, image) => groups.groupOf[image]! < 0);
  if (alone.length === stream.paths.length) {
    throw new UserError(
      sentence`${named('groups', request.groups)}: no image has a group: paths look like ${stream.paths[0]!}`,
    );
  }
  const rest = alone.length > 0 ? `; ${alone.length} images, such as ${alone[0]}, stand alone` : '';
  reporter.note(
    `groups: ${groups.names.length} of ${stream.paths.length - alone.length} images, by ${groups.from}${rest}`,
  );
  return groups;
}

/** What finding groups needs to know of the images. */
type GroupedImages = Pick<ImageStream, 'name' | 'paths' | 'classes' | 'omitted' | 'unreadable'>;

async function groupsOf(
  context: JobContext,
  stream: GroupedImages,
  source: Exclude<GroupSource, { kind: 'none' }>,
  request: GroupRequest,
): Promise<GivenGroups> {
  if (source.kind === 'folder') return foldersOf(stream.paths, request.labels);
  if (source.kind === 'name')
    return groupsByName(stream.paths.map(source.match), `the name pattern ${source.template}`);
  if (source.kind === 'exif') {
    requirePhotos(request.data);
    return burstsOf(await readShots(context, stream.paths, request.data), source.seconds);
  }
  const { column, file } = source;
  const nameOf = await columnOf(
    context,
    stream,
    column,
    file === undefined ? labelsFiles(request) : [file],
    request,
  );
  const from = file === undefined ? `the column ${column} of the labels` : `the column ${column} of ${file}`;
  return groupsByName(
    stream.paths.map((path) => nameOf.get(path)),
    from,
  );
}

const labelsFiles = ({ labels }: GroupRequest) =>
  labels.filter((file) => file !== undefined && file !== 'folders') as string[];

/** The group of each path that has one, as far as the files are there; else as an earlier command left it in the run's labels.csv. */
async function columnOf(
  context: JobContext,
  stream: GroupedImages,
  column: string,
  tables: readonly string[],
  { groups, run }: GroupRequest,
): Promise<Map<string, string>> {
  if (tables.length === 0 && run === undefined) {
    throw new UserError(
      sentence`${named('groups', groups!)} names a column of the labels file, but there is none: give ${named('labels', 'FILE.csv')}, or name the file of the column: FILE.csv:COLUMN`,
    );
  }
  const { files } = context;
  const matcher = new PathMatcher(stream);
  const isPath = (cell: string) => matcher.names(cell);
  const kept = run === undefined ? [] : [{ file: files.join(run, 'labels.csv'), name: 'group' }];
  const found = new Map<string, string>();
  let lacking: { readonly file: string; readonly names: readonly string[] } | undefined;
  let columns = 0;
  for (const { file, name } of [...kept, ...tables.map((file) => ({ file, name: column }))]) {
    if ((await files.stat(file))?.kind !== 'file') continue;
    const table = readTable(await readText(context, file, isPath), file, ['path'], isPath);
    const at = columnCalled(name, table.names);
    if (at < 0) {
      if (name === column) lacking = { file, names: table.names };
      continue;
    }
    columns++;
    const paths = new PathReader(matcher, stream, { file });
    for (const [path, group] of readColumn(table, file, at, paths)) found.set(path, group);
    for (const note of paths.notes()) context.reporter.note(`groups: ${note}`);
  }
  if (columns > 0) return found;
  if (lacking) {
    throw new UserError(
      sentence`${named('groups', groups!)}: ${lacking.file} has no column ${column}, only ${lacking.names.join(', ')}`,
    );
  }
  throw new UserError(
    sentence`${named('groups', groups!)}: ${tables[0] ?? 'the labels file'} does not exist: name a CSV file with the columns path,${column}`,
  );
}

/**
 * Groups by folder: an image's folder with the way to it; where the first folder is the class, the one below that, so that
 * a class is never a group. Images that lie in none have no group.
 */
function foldersOf(paths: readonly string[], labels: GroupRequest['labels']): GivenGroups {
  const folders = paths.map((path) => path.split('/').slice(0, -1));
  const byClass = labels.includes('folders');
  const belowClass = folderParts(paths).parts.length > 0 ? 2 : 1;
  return groupsByName(
    folders.map((way) => (byClass ? way[belowClass] : way.join('/'))),
    byClass ? 'the folders below those of the classes' : 'folder',
  );
}

/** The number of the column of a name, in another case where none has it; −1 where there is none. */
function columnCalled(name: string, names: readonly string[]): number {
  const exact = names.indexOf(name);
  return exact >= 0 ? exact : names.findIndex((own) => own.toLowerCase() === name.toLowerCase());
}

/** The cell of a column for each path that has one. @throws UserError for two groups of one image */
function readColumn(
  { names, rows }: CsvTable,
  file: string,
  at: number,
  paths: PathReader,
): Map<string, string> {
  const pathAt = names.indexOf('path');
  const found = new Map<string, { group: string; row: number }>();
  for (const { row, fields } of rows) {
    const group = unguard(fields[at]!).trim();
    for (const path of group === '' ? [] : paths.read(fields[pathAt]!, row)) {
      const earlier = found.get(path);
      if (earlier && earlier.group !== group) {
        throw new UserError(
          `${file}, row ${row}: ${path} has the ${names[at]} '${group}', but '${earlier.group}' in row ${earlier.row}: keep one of the two`,
        );
      }
      if (!earlier) found.set(path, { group, row });
    }
  }
  return new Map(Array.from(found, ([path, { group }]) => [path, group]));
}

/** Groups that nobody has named, where names, folders or times of capture are those of series, and a word of them. */
async function suggestedGroups(
  context: JobContext,
  paths: readonly string[],
  { given, classes }: Pick<LabelTask, 'given' | 'classes'>,
  { labels, data }: GroupRequest,
  seed: number,
): Promise<GivenGroups | undefined> {
  const { images } = labelledSet(given);
  const candidates = [
    ...seriesTemplates.map((template) => ({
      what: 'names look',
      setting: `name:${template}`,
      find: async () => namedSeries(paths, template),
    })),
    { what: 'folders look', setting: 'folder', find: async () => foldersOf(paths, labels) },
    {
      what: 'times of capture look',
      setting: 'exif',
      find: async () =>
        (await sayWhen(context, paths, images, data))
          ? burstsOf(await readShots(context, paths, data), usualPause)
          : undefined,
    },
  ];
  for (const { what, setting, find } of candidates) {
    const groups = await find();
    if (!groups || !looksGrouped(groups, given, classes, seed)) continue;
    const labelled = new Set(images.map((image) => groups.groupOf[image]!)).size;
    context.reporter.note(
      sentence`${what} like series (${groups.names[0]!}…: ${labelled} series among ${images.length} labels). Images of one series are not independent, so each series counts as one observation, as ${named('groups', setting)} would have it; ${named('groups', 'none')} lets every image count`,
    );
    return groups;
  }
  return undefined;
}
