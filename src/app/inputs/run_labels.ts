import type { ImageStream, OpenOptions } from '../../data/sources/image_stream.ts';
import { openStream } from '../../data/sources/open_stream.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { readLabelsCsv } from '../../label/files/labels_csv.ts';
import type { ImageLabel } from '../../label/image_label.ts';
import type { Files } from '../../platform/platform.ts';
import type { JobContext } from '../reporter.ts';
import type { DataSettings } from '../settings/data.ts';
import { sourceKind } from './image_source_kind.ts';
import { readText } from './read_text.ts';

/** Reads the labels.csv of a run's folder. @throws UserError where it has none */
export async function readRunLabels(
  { files, reporter }: Pick<JobContext, 'files' | 'reporter'>,
  run: string,
): Promise<ImageLabel[]> {
  const path = files.join(run, 'labels.csv');
  if ((await files.stat(path))?.kind !== 'file') {
    throw new UserError(
      sentence`${named('run', run)} holds no labels.csv: name the folder of a run of train or label that has ended`,
    );
  }
  return readLabelsCsv(await readText({ files, reporter }, path), path);
}

/**
 * The images that settings name, none of them decoded yet.
 * @param imageSize side at which a folder's images are read; other sets keep their own
 * @param keep which images of a folder the limit must not leave out
 */
export function openRunImages(
  files: Files,
  options: Pick<DataSettings, 'data' | 'seed' | 'limit' | 'testLimit' | 'labels'> &
    Partial<Pick<DataSettings, 'range' | 'fit'>>,
  imageSize: number | undefined,
  keep?: OpenOptions['keep'],
): Promise<ImageStream> {
  const { data, seed, limit, testLimit, labels, range, fit } = options;
  const side = sourceKind(data) === 'folder' ? imageSize : undefined;
  const labelledByFolders = labels === 'folders';
  const folder = { keep, labelledByFolders, range, fit };
  return openStream(data, { files, seed, limit, testLimit, imageSize: side, ...folder });
}
