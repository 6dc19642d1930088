import { mapAtOnce } from '../../data/map_at_once.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';

/** Images whose headers are read, at most, and how many at once. */
const looked = 300;
const headersAtOnce = 8;

/** Width and height of an image as it is seen, in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Sizes of a sample of a source's images, evenly over it. */
export interface SampledSizes {
  /** Of those whose header can be read; the others' reason is told when they are decoded. */
  readonly sizes: readonly ImageSize[];
  /** How many were looked at. */
  readonly looked: number;
}

/** Looks at the sizes of a source's images; none where it keeps its own. */
export async function sampledSizes({
  paths,
  sizeOf,
}: Pick<ImageStream, 'paths' | 'sizeOf'>): Promise<SampledSizes> {
  if (!sizeOf) return { sizes: [], looked: 0 };
  const count = Math.min(looked, paths.length);
  const images = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * paths.length) / count));
  const found = await mapAtOnce(images, headersAtOnce, (image) => sizeOf(image).catch(() => undefined));
  return { sizes: found.filter((size) => size !== undefined), looked: count };
}
