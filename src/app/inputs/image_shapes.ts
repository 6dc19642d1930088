import type { ImageStream } from '../../data/sources/image_stream.ts';
import { named, sentence } from '../../errors.ts';
import type { Reporter } from '../reporter.ts';
import type { DataSettings } from '../settings/data.ts';

/** Images that are looked at, evenly over the source, and how many at a time. */
const looked = 300;
const together = 8;
/** A square cut out of an image that is longer than this shows a third of it at most. */
const elongated = 3;

/** Tells of images of which a square shows little, where they are to be cut. */
export async function tellElongated(
  reporter: Reporter,
  { paths, sizeOf }: ImageStream,
  { fit }: Pick<DataSettings, 'fit'>,
): Promise<void> {
  if (fit !== 'crop' || !sizeOf) return;
  const count = Math.min(looked, paths.length);
  const images = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * paths.length) / count));
  let long = 0;
  let longest = 0;
  for (let first = 0; first < count; first += together) {
    const sizes = images.slice(first, first + together).map((image) => sizeOf(image).catch(() => undefined));
    for (const size of await Promise.all(sizes)) {
      const ratio = size ? Math.max(size.width, size.height) / Math.min(size.width, size.height) : 0;
      if (ratio <= elongated) continue;
      long++;
      longest = Math.max(longest, ratio);
    }
  }
  if (long === 0) return;
  const of = count < paths.length ? ` of ${count} that were looked at` : ` of ${count} images`;
  reporter.note(
    sentence`${long}${of} ${long === 1 ? 'is' : 'are'} more than ${elongated} times as long as wide (up to ${longest.toFixed(1)} times), of which the square in the middle shows a third or less: ${named('fit', 'pad')} shows all of them between black bars, ${named('fit', 'squash')} squeezes them`,
  );
}
