import { streamDemo } from '../../data/demo/demo.ts';
import { writePack } from '../../data/sources/pack/write_pack.ts';
import { UserError } from '../../errors.ts';
import { rowsOf } from '../inputs/known_labels.ts';
import { readingProgress } from '../inputs/reading_progress.ts';
import { prepareRun } from '../jobs/prepare_run.ts';
import type { JobContext } from '../reporter.ts';
import { Answers } from './answers.ts';
import { answersOfRows } from './read_answers.ts';
import { openDeskImages } from './take_scan.ts';

/** Where the images of a session come from: a folder of images, or so many of the demo. */
export type Collected = { readonly folder: string } | { readonly demo: number };

/** A session's images, packed, and what was known of them. */
export interface Collection {
  /** How many images there are. */
  readonly images: number;
  /** Names of the classes, in the order of their keys. */
  readonly classes: readonly string[];
  /** Labels that came with the images, as answers of the person's own. */
  readonly answers: Answers;
  /** Paths of the images. */
  readonly paths: readonly string[];
}

/** The name of a labels file that lies beside images. */
const labelsName = 'labels.csv';

/**
 * Packs images into a folder, and reads the labels that came with them: those of a labels.csv, else those of sub-folders.
 * Labels that cannot be read are none, with a note.
 * @throws UserError for images that cannot be read; the signal's reason where it was aborted; nothing is left then
 */
export async function collectImages(
  source: Collected,
  out: string,
  context: JobContext,
): Promise<Collection> {
  const { files, reporter } = context;
  if ('demo' in source) {
    const demo = streamDemo({ files, limit: source.demo, testLimit: 0 });
    // What shows what is for the person to say.
    const unknown = { ...demo, classes: [], labels: new Int32Array(demo.paths.length).fill(-1) };
    reporter.stoppable('nothing is kept');
    const { signal } = reporter;
    const onProgress = readingProgress(reporter);
    const { images } = await writePack(files, out, unknown, { fit: 'crop', signal, onProgress });
    return { images, classes: demo.classes, answers: new Answers(), paths: demo.paths };
  }
  const { folder } = source;
  const packed = await prepareRun({ data: folder, out }, context);
  if (packed.interrupted) throw reporter.signal.reason;
  for (const { path, reason } of packed.unreadable.slice(0, 10)) reporter.note(`skipped ${path}: ${reason}`);
  if (packed.unreadable.length > 10)
    reporter.note(`skipped ${packed.unreadable.length - 10} more files that cannot be read`);
  const stream = await openDeskImages(context, `pack:${out}`);
  const { paths } = stream;
  const beside = files.join(folder, labelsName);
  const hasFile = (await files.stat(beside))?.kind === 'file';
  const hasFolders = paths.some((path) => path.includes('/'));
  const rows = hasFile ? await read(beside) : hasFolders ? await read('folders') : [];
  const { answers, classes } = answersOfRows(rows, paths);
  const from = hasFile ? labelsName : 'the sub-folders';
  if (answers.count > 0) reporter.note(`labels: ${answers.count} images have one, by ${from}`);
  return { images: packed.images, classes, answers, paths };

  async function read(labels: string) {
    try {
      return await rowsOf(context, stream, labels, { data: folder, doubtfulLabels: 'drop' });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      reporter.note(hasFile ? `${error.message}: the labels were left out` : 'the folders are no labels');
      return [];
    }
  }
}
