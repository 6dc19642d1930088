import type { NamedImages } from '../../data/labels/given_rows.ts';
import type { OpenOptions } from '../../data/sources/image_stream.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { type JobContext, silentReporter } from '../reporter.ts';
import type { DataSettings } from '../settings/data.ts';
import { type LabelSettings, type LabelSources, rowsOf } from './known_labels.ts';

/** What says which images have a label. */
export interface KeptSources extends Pick<LabelSources, 'earlier' | 'added'> {
  /** Whether labelled images are kept at all: before config.json said so they were not, and a resume stays with that. */
  readonly keepsLabelled?: boolean | undefined;
}

/**
 * The labelled images, for `OpenOptions.keep`: a limit leaves them out last, since nothing else is known. Of a set that is
 * labelled whole, or whose labels are hidden to score by, the limit takes a sample.
 *
 * Which images a run has thus follows from the folder, the limit, the seed and the labels; an image that comes to be
 * labelled later takes the place of one that has no label.
 */
export function keptImages(
  context: JobContext,
  options: LabelSettings & Pick<DataSettings, 'limit'>,
  { earlier, added, keepsLabelled = true }: KeptSources,
): OpenOptions['keep'] {
  const { labels, labelsPerClass, limit } = options;
  // What is to be said of the labels is said when they are read for good.
  const quiet = { ...context, reporter: silentReporter };
  const pathsIn = async (images: NamedImages, file: string, classes: readonly string[] = []) =>
    (await rowsOf(quiet, images, file, options, classes)).map(({ path }) => path);
  return async (images) => {
    const before = await earlier?.(images);
    if (before) {
      const classes = before.map(({ label }) => label);
      const further = added === undefined ? [] : await pathsIn(images, added, classes);
      return new Set([...before.map(({ path }) => path), ...further]);
    }
    if (labels === undefined || labelsPerClass !== undefined || !keepsLabelled) return new Set();
    if (labels !== 'folders' && (await context.files.stat(labels)) === undefined) return new Set();
    const own = new Set(images.paths);
    const labelled = new Set((await pathsIn(images, labels)).filter((path) => own.has(path)));
    if (labelled.size === own.size) return new Set();
    if (limit !== undefined && labelled.size >= limit) {
      throw new UserError(
        sentence`${named('limit', limit)} leaves no image to be labelled beside the ${labelled.size} that have a label: raise it, leave it out, or hide labels by ${named('labelsPerClass')}`,
      );
    }
    return labelled;
  };
}
