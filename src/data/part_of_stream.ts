import type { Resize } from './resize/resize.ts';
import type { ImageStream } from './sources/image_stream.ts';

/**
 * Some of a stream's images as a stream of their own, numbered from 0 in the order given.
 * @param images their numbers in the whole
 */
export function partOfStream(stream: ImageStream, images: Int32Array): ImageStream {
  const wholeNumbers = (own: Int32Array) => own.map((image) => images[image]!);
  const view = (whole: ImageStream): ImageStream => ({
    ...whole,
    paths: Array.from(images, (image) => whole.paths[image]!),
    partition: Array.from(images, (image) => whole.partition[image]!),
    labels: images.map((image) => whole.labels[image]!),
    async read(own, target, onRead) {
      const skipped = await whole.read(wholeNumbers(own), target, onRead);
      if (skipped.length === 0) return skipped;
      const ownNumbers = new Map(Array.from(own, (image) => [images[image]!, image]));
      return skipped.map((each) => ({ ...each, image: ownNumbers.get(each.image)! }));
    },
    ...(whole.identify && { identify: (own: Int32Array) => whole.identify!(wholeNumbers(own)) }),
    ...(whole.bytesOf && { bytesOf: (image: number) => whole.bytesOf!(images[image]!) }),
    ...(whole.sizeOf && { sizeOf: (image: number) => whole.sizeOf!(images[image]!) }),
    resized: (size: number, resize?: Resize) => view(whole.resized(size, resize)),
  });
  return view(stream);
}
