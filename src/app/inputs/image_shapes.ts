import type { ImageStream } from '../../data/sources/image_stream.ts';
import { named, sentence } from '../../errors.ts';
import type { Reporter } from '../reporter.ts';
import type { DataSettings } from '../settings/data.ts';
import { sampledSizes } from './sampled_sizes.ts';

/** A square cut out of an image that is longer than this shows a third of it at most. */
const elongated = 3;

/** Tells of images of which a square shows little, where they are to be cut. */
export async function tellElongated(
  reporter: Pick<Reporter, 'note'>,
  stream: Pick<ImageStream, 'paths' | 'sizeOf'>,
  { fit }: Pick<DataSettings, 'fit'>,
): Promise<void> {
  if (fit !== 'crop') return;
  const { sizes, looked } = await sampledSizes(stream);
  const ratios = sizes.map(({ width, height }) => Math.max(width, height) / Math.min(width, height));
  const long = ratios.filter((ratio) => ratio > elongated);
  if (long.length === 0) return;
  const many = looked < stream.paths.length ? `${looked} that were looked at` : `${looked} images`;
  const verb = long.length === 1 ? 'is' : 'are';
  const longest = Math.max(...long).toFixed(1);
  reporter.note(
    sentence`${long.length} of ${many} ${verb} more than ${elongated} times as long as wide (up to ${longest} times), of which the square in the middle shows a third or less: ${named('fit', 'pad')} shows all of them between black bars, ${named('fit', 'squash')} squeezes them`,
  );
}
