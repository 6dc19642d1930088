import type { ImageSource } from '../../data/sources/image_source.ts';
import { openSource } from '../../data/sources/source.ts';
import type { JobContext } from '../reporter.ts';
import type { DataSettings } from '../settings/common.ts';
import { sourceKind } from './image_source_kind.ts';
import { tellSkipped } from './open_images.ts';

/** Decodes all images that settings name into memory. @throws UserError where there are none */
export async function readImages(
  { files, reporter }: JobContext,
  settings: DataSettings,
): Promise<ImageSource> {
  const { data, seed, limit, testLimit } = settings;
  const onProgress = (done: number, total: number) =>
    reporter.progress({ stage: 'reading images', done, total });
  // A folder is decoded at the side that the network sees. Binary sets and the demo keep their own: views are cut out
  // of the larger images.
  const imageSize = sourceKind(data) === 'folder' ? settings.imageSize : undefined;
  const source = await openSource(data, { files, seed, limit, testLimit, imageSize, onProgress });
  reporter.note(`data: ${source.description}`);
  tellSkipped(reporter, source.unreadable);
  return source;
}
