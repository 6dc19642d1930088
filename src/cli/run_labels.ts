import { platform } from '#platform';
import type { ImageStream } from '../data/sources/image_stream.ts';
import { openStream } from '../data/sources/open_stream.ts';
import { UserError } from '../errors.ts';
import { readLabelsCsv } from '../label/files/labels_csv.ts';
import type { ImageLabel } from '../label/image_label.ts';
import type { DataOptions } from './options.ts';
import { sourceKind } from './plan.ts';

/** Reads a run's labels. @throws UserError where it has none */
export async function readRunLabels(run: string): Promise<ImageLabel[]> {
  const { files } = platform;
  const path = files.join(run, 'labels.csv');
  if ((await files.stat(path))?.kind !== 'file') {
    throw new UserError(
      `--run ${run} holds no labels.csv: name the folder of a run of train or label that has ended`,
    );
  }
  return readLabelsCsv(new TextDecoder().decode(await files.read(path)), path);
}

/**
 * The images that options name, none of them decoded yet.
 * @param imageSize side at which a folder's images are read; other sets keep their own
 */
export function openRunImages(
  options: Pick<DataOptions, 'data' | 'seed' | 'limit' | 'testLimit'>,
  imageSize: number,
): Promise<ImageStream> {
  const { data, seed, limit, testLimit } = options;
  const side = sourceKind(data) === 'folder' ? imageSize : undefined;
  return openStream(data, { files: platform.files, seed, limit, testLimit, imageSize: side });
}
