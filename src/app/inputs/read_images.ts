import type { ShownImages } from '../../data/contact_sheet.ts';
import { openStream } from '../../data/sources/open_stream.ts';
import { loadImages, noReadableImage } from '../../data/sources/read_images.ts';
import type { JobContext } from '../reporter.ts';
import type { DataSettings } from '../settings/common.ts';
import { sourceKind } from './image_source_kind.ts';
import { tellSkipped } from './open_images.ts';

/** Decodes all images that settings name into memory. @throws UserError where there are none, or none can be read */
export async function readImages(
  { files, reporter }: JobContext,
  settings: DataSettings,
): Promise<ShownImages> {
  const { data, seed, limit, testLimit } = settings;
  // A folder is decoded at the side that the network sees. Binary sets and the demo keep their own: views are cut out
  // of the larger images.
  const imageSize = sourceKind(data) === 'folder' ? settings.imageSize : undefined;
  const stream = await openStream(data, { files, seed, limit, testLimit, imageSize });
  reporter.note(`data: ${stream.description}`);
  const images = Int32Array.from(stream.paths.keys());
  const { pixels, unreadable } = await loadImages(stream, images, (done, total) =>
    reporter.progress({ stage: 'reading images', done, total }),
  );
  tellSkipped(reporter, [...stream.unreadable, ...unreadable]);
  if (unreadable.length === images.length) throw noReadableImage(data, unreadable);
  return { name: stream.name, size: stream.size, pixels };
}
