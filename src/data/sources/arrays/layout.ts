import { UserError } from '../../../errors.ts';
import { type StoredArray, shapeText } from './stored_array.ts';

/** How an image's bytes lie in an array. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for RGB, 4 for RGB and an alpha that counts for nothing. */
  readonly channels: 1 | 3 | 4;
  /** Writes an image as RGB, row by row. */
  decode(record: Uint8Array, rgb: Uint8Array): void;
}

/** Sides longer than this are no small images, and their squares no array. */
const longestSide = 8192;

/**
 * The layout of an array of images: N×H×W grey, N×H×W×1, N×H×W×3, N×H×W×4, or with the channels in front of the rows.
 * @throws UserError for other shapes, and elements that are no bytes
 */
export function layoutOf(array: StoredArray, file: string): Layout {
  const { name, shape, elements, type, unreadable } = array;
  const refuse = (reason: string): never => {
    throw new UserError(`${file}, ${name} ${reason}`);
  };
  if (unreadable) return refuse(unreadable);
  if (elements !== 'bytes')
    return refuse(`is ${type}: save the images as uint8, from 0 for black to 255 for white`);
  const [count, ...sides] = shape;
  const found = sidesOf(sides);
  if (!found)
    return refuse(
      `is ${shapeText(shape)}, which is no set of images: save it as N×H×W (grey) or N×H×W×3 (RGB)`,
    );
  const { width, height, channels } = found;
  if (!count || width < 1 || height < 1) return refuse(`is ${shapeText(shape)}: it holds no image`);
  if (width > longestSide || height > longestSide)
    return refuse(`is ${shapeText(shape)}: sides over ${longestSide} pixels are not read`);
  return { width, height, channels, decode: decoder(found) };
}

interface Sides {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3 | 4;
  readonly planes: boolean;
}

function sidesOf(sides: readonly number[]): Sides | undefined {
  const [a, b, c] = sides;
  if (sides.length === 2) return { height: a!, width: b!, channels: 1, planes: false };
  if (sides.length !== 3) return undefined;
  if (isChannels(c!)) return { height: a!, width: b!, channels: c!, planes: false };
  return isChannels(a!) ? { height: b!, width: c!, channels: a!, planes: true } : undefined;
}

const isChannels = (side: number): side is 1 | 3 | 4 => side === 1 || side === 3 || side === 4;

function decoder({ height, width, channels, planes }: Sides): Layout['decode'] {
  const area = height * width;
  const [pixelStep, channelStep] = planes ? [1, area] : [channels, 1];
  const green = channels === 1 ? 0 : channelStep;
  return (record, rgb) => {
    for (let pixel = 0; pixel < area; pixel++) {
      const at = pixel * pixelStep;
      rgb[pixel * 3] = record[at]!;
      rgb[pixel * 3 + 1] = record[at + green]!;
      rgb[pixel * 3 + 2] = record[at + 2 * green]!;
    }
  };
}
