import type { ImageStream } from '../../data/sources/image_stream.ts';
import { requireSource } from '../../data/sources/open_stream.ts';
import type { Packed } from '../../data/sources/pack/write_pack.ts';
import { writePack } from '../../data/sources/pack/write_pack.ts';
import { parseRange } from '../../data/sources/range_words.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { folderSide, sourceKind } from '../inputs/image_source_kind.ts';
import { tellSource } from '../inputs/open_images.ts';
import { readingProgress } from '../inputs/reading_progress.ts';
import { openRunImages } from '../inputs/run_labels.ts';
import type { JobContext } from '../reporter.ts';
import { writing } from '../run/folder.ts';
import { type PrepareSettings, prepareSettings } from '../settings/jobs.ts';
import { resolveSettings } from '../settings/resolve.ts';
import type { Interrupted } from './outcome.ts';

/** A pack that was made. */
export interface PreparedPack extends Packed {
  /** Its folder. */
  readonly folder: string;
  /** Whether it was stopped before; then nothing is there. */
  readonly interrupted: false;
}

/**
 * Decodes images once into a pack, which every job then opens as `pack:DIR`: squares of one side, under the paths that
 * they had. An abort leaves nothing.
 * @throws UserError for input that is wrong, with nothing written
 */
export async function prepareRun(
  given: PrepareSettings,
  context: JobContext,
): Promise<PreparedPack | Interrupted> {
  const { files, reporter } = context;
  const settings = resolveSettings(prepareSettings, given);
  const { data, out, range, fit } = settings;
  parseRange(range);
  const there = await files.stat(out);
  if (there?.kind === 'file') throw new UserError(sentence`${named('out', out)} is a file: name a folder`);
  if (there && (await files.list(out)).length > 0)
    throw new UserError(
      sentence`${named('out', out)} is there already: name another folder, or delete it first`,
    );
  await requireSource(data, files);
  const opened = await openRunImages(files, settings, settings.imageSize);
  const side = settings.imageSize ?? (await ownSide(data, opened)) ?? opened.size;
  const stream = side === opened.size ? opened : opened.resized(side);
  tellSource(reporter, stream);
  reporter.stoppable('nothing is written');
  const { signal } = reporter;
  try {
    const packed = await writing(sentence`${named('out', out)}`, () =>
      writePack(files, out, stream, {
        fit,
        signal,
        onProgress: readingProgress(reporter),
      }),
    );
    return { ...packed, folder: out, interrupted: false };
  } catch (error) {
    if (signal.aborted && error === signal.reason) return { interrupted: true, folder: out };
    throw error;
  }
}

/** Side of a folder's images, by their headers; undefined where they have none, and for other sets. */
async function ownSide(data: string, opened: ImageStream) {
  return sourceKind(data) === 'folder' ? (await folderSide(opened))?.side : undefined;
}
