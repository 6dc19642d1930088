import type { RawImage } from '../../../formats/images/raw_image.ts';
import { truncated } from '../../../formats/images/raw_image.ts';

/**
 * The numbers of a PNG file of 16 bits, which browsers cut to 8. They come without the turn that the file's Exif data ask for.
 * @throws Error with a short reason
 */
export async function readDeepPng(bytes: Uint8Array): Promise<RawImage> {
  // Thirty kilobytes that few images need.
  const { decode } = await import('fast-png');
  const { width, height, channels, data, transparency } = decoded();
  const samples = new Uint16Array(data);
  if ((channels === 1 || channels === 3) && transparency?.length !== channels)
    return { width, height, channels, samples };
  const spread = new Uint16Array(4 * width * height);
  const colours = channels < 3 ? 1 : 3;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * channels;
    for (let c = 0; c < 3; c++) spread[4 * pixel + c] = samples[from + Math.min(c, colours - 1)]!;
    const isClear = transparency?.every((value, c) => samples[from + c] === value);
    spread[4 * pixel + 3] = channels > colours ? samples[from + colours]! : isClear ? 0 : 65535;
  }
  return { width, height, channels: 4, samples: spread };

  function decoded() {
    try {
      return decode(bytes, { checkCrc: true });
    } catch {
      throw truncated();
    }
  }
}
