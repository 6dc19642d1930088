import { named, type Sentence, sentence } from '../../errors.ts';
import type { RawImage, Samples } from '../../formats/images/raw_image.ts';
import { isDeep, type SampleRange } from '../../formats/images/screen_values.ts';
import type { Files } from '../../platform/platform.ts';
import type { ImageFile } from './image_files.ts';
import { parseRange, rangeText } from './range_words.ts';

/** Files that are looked at for more than 8 bits, and images of more bits whose numbers are counted. */
const mostFiles = 512;
const mostImages = 64;
/** Numbers of an image that are counted, evenly over its pixels. */
const mostNumbers = 65_536;

/**
 * Share of an image's numbers that may lie beyond each end of the range (hot and dead pixels, a scale bar), and of the
 * images whose own ends may (a lamp that failed).
 */
const pixelsBeyond = 0.001;
const imagesBeyond = 0.02;

/** Share of all numbers of 16 bits that images must span to count as using all of them. */
const wholeShare = 0.75;

/** Endings of files that have 8 bits whatever is in them. */
const eightBits = /\.(jpe?g|jpe|jfif|pjpe?g|webp|gif|bmp|dib)$/i;

/** Numbers of a set's images that are shown black and white, and what they rest on. */
export interface FoundRange extends SampleRange {
  /** Images whose numbers were counted. */
  readonly images: number;
}

/**
 * One range for all images of a set that have more than 8 bits, so that differences in brightness between them stay: from
 * the least 0.1% of each image to the greatest 0.1%, where all but 2% of up to 64 images, evenly chosen, begin and end.
 * Images that use all of 16 bits are shown by all of them, as 8 bits are. Files that state a range are not counted.
 * @param files of the whole set in their order: the same set gives the same range
 * @returns undefined where no image needs one
 */
export async function findRange(
  platform: Pick<Files, 'readSamples'>,
  files: readonly ImageFile[],
): Promise<FoundRange | undefined> {
  const candidates = files.filter(({ file }) => !eightBits.test(file));
  const looked = new Set<ImageFile>();
  const lows: number[] = [];
  const highs: number[] = [];
  let isWhole = true;
  // Most sets are of one kind, and the first look says it; where it finds nothing, a rare kind may.
  for (const count of [mostImages, mostFiles]) {
    for (const file of evenly(candidates, count)) {
      if (looked.has(file) || lows.length === mostImages) continue;
      looked.add(file);
      const image = await platform.readSamples(file.file, file.page).catch(() => undefined);
      if (!image || !isDeep(image) || image.range) continue;
      const ends = endsOf(image);
      if (!ends) continue;
      lows.push(ends[0]);
      highs.push(ends[1]);
      isWhole &&= image.samples instanceof Uint16Array;
    }
    if (lows.length > 0) break;
  }
  if (lows.length === 0) return undefined;
  const images = lows.length;
  const beyond = Math.floor(imagesBeyond * images);
  const low = lows.sort((a, b) => a - b)[beyond]!;
  const high = highs.sort((a, b) => b - a)[beyond]!;
  if (isWhole && high - low >= wholeShare * 65_535)
    return { low: 0, high: 65_535, stated: 'followed', images };
  return { ...rounded(low, high), stated: 'followed', images };
}

/** How a folder's images of more than 8 bits are shown. */
export interface ChosenRange {
  /** Undefined: each image by its own numbers. */
  readonly range: SampleRange | undefined;
  /** As the setting `range` has it; undefined where no image has more than 8 bits. */
  readonly text?: string;
  /** What a user should know of it. */
  readonly note?: Sentence;
}

/**
 * The range that the setting asks for, or the one that is found.
 * @param setting `auto` by default
 * @throws UserError for words that are no range
 */
export async function chooseRange(
  platform: Pick<Files, 'readSamples'>,
  files: readonly ImageFile[],
  setting = 'auto',
): Promise<ChosenRange> {
  const choice = parseRange(setting);
  if (choice === 'file') return { range: undefined, text: setting };
  if (choice !== 'auto') return { range: choice, text: setting };
  const found = await findRange(platform, files);
  if (!found) return { range: undefined };
  const { low, high, images } = found;
  const counted = images === 1 ? 'one of them' : `${images} of them`;
  const note = sentence`images of more than 8 bits: ${low} is shown black and ${high} white in all of them, by the values of ${counted} (${named('range', `${low},${high}`)} says it otherwise, ${named('range', 'file')} lets each image have its own)`;
  return { range: found, text: rangeText(found), note };
}

/** Up to `count` of a list, evenly over it. */
function evenly<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]!);
}

/** Where all but the outermost numbers of an image begin and end; undefined where it holds none. */
function endsOf({ samples, channels }: RawImage): [number, number] | undefined {
  const values = drawn(samples, channels);
  if (values.length === 0) return undefined;
  values.sort();
  const beyond = Math.floor(pixelsBeyond * values.length);
  return [values[beyond]!, values[values.length - 1 - beyond]!];
}

/** Numbers of an image's colours, evenly over its pixels. */
function drawn(samples: Samples, channels: number): Float64Array {
  const colours = channels === 4 ? 3 : channels;
  const pixels = samples.length / channels;
  const wanted = Math.min(pixels, Math.floor(mostNumbers / colours));
  const values = new Float64Array(wanted * colours);
  let count = 0;
  for (let i = 0; i < wanted; i++) {
    const from = channels * Math.floor(((i + 0.5) * pixels) / wanted);
    for (let c = 0; c < colours; c++) {
      const value = samples[from + c]!;
      if (Number.isFinite(value)) values[count++] = value;
    }
  }
  return values.subarray(0, count);
}

/** Four digits, outwards: people read them, and they change no level. */
function rounded(low: number, high: number): Pick<SampleRange, 'low' | 'high'> {
  const step = 10 ** (Math.floor(Math.log10(high - low || 1)) - 3);
  const [from, to] = [Math.floor(low / step), Math.ceil(high / step)];
  // Divided by a whole number where the step is a fraction, which multiplication would not give back exactly.
  const digits = (n: number) => (step < 1 ? n / Math.round(1 / step) : n * step);
  return { low: digits(from), high: digits(to > from ? to : from + 1) };
}
