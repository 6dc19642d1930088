import type { RawImage, Samples } from '../raw_image.ts';

/**
 * An image whose first row and column in the file lie where the orientation says: 1 top and left, 2 top and right, 3 bottom
 * and right, 4 bottom and left; 5 to 8 the same with rows for columns (TIFF 6.0, tag 274).
 */
export function turned(image: RawImage, orientation: number): RawImage {
  if (!(orientation >= 2 && orientation <= 8)) return image;
  const { width, height, channels, samples } = image;
  const isSideways = orientation >= 5;
  const [w, h] = isSideways ? [height, width] : [width, height];
  const fromRight = [2, 3, 6, 7].includes(orientation);
  const fromBottom = [3, 4, 7, 8].includes(orientation);
  const out = new (samples.constructor as new (length: number) => Samples)(samples.length);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [u, v] = [fromRight ? w - 1 - x : x, fromBottom ? h - 1 - y : y];
      const from = channels * (isSideways ? u * width + v : v * width + u);
      const to = channels * (y * w + x);
      for (let c = 0; c < channels; c++) out[to + c] = samples[from + c]!;
    }
  }
  return { ...image, width: w, height: h, samples: out };
}
