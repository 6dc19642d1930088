import { sha256, toHex } from '../../../formats/digest.ts';
import type { Files, NewFolder } from '../../../platform/platform.ts';
import { csvFile, csvLine } from '../../labels/csv.ts';
import type { ImageStream, UnreadableImage } from '../image_stream.ts';
import { noReadableImage, type ReadProgress } from '../read_images.ts';
import {
  indexColumns,
  type PackFacts,
  packVersion,
  pixelFile,
  recordBytes,
  unreadableColumns,
} from './pack_files.ts';

/** Most bytes of a file of pixels: one lies in memory while it is filled. */
const fileBytes = 1 << 26;
/** Images decoded between two looks at whether to stop. */
const chunk = 256;

/** What was packed. */
export interface Packed {
  /** Images in the pack. */
  readonly images: number;
  /** Side of their squares, in pixels. */
  readonly side: number;
  /** Images that cannot be read, and files of kinds that are not. */
  readonly unreadable: readonly UnreadableImage[];
}

/** How a pack is made. */
export interface PackOptions {
  /** How images that are no squares become some, as the stream was opened. */
  readonly fit: string;
  /** Told now and then how many images were read. */
  readonly onProgress?: ReadProgress;
  /** Aborted by whoever started it; nothing is left then. */
  readonly signal: AbortSignal;
}

/**
 * Decodes the images of a stream once and writes them as a pack (see `pack_files.ts`), which appears when all of it is
 * there.
 * @throws UserError where no image can be read, something lies at `folder`, or the disk is full; the signal's reason where
 *   it was aborted
 */
export async function writePack(
  files: Files,
  folder: string,
  stream: ImageStream,
  options: PackOptions,
): Promise<Packed> {
  let packed: Packed | undefined;
  await files.writeFolder(folder, async (target) => {
    packed = await fill(target, stream, options);
  });
  return packed!;
}

async function fill(target: NewFolder, stream: ImageStream, options: PackOptions): Promise<Packed> {
  const { size, paths } = stream;
  const bytes = recordBytes(size);
  const imagesAFile = Math.max(1, Math.min(paths.length, Math.floor(fileBytes / bytes)));
  const pixels = new PixelFiles(target, imagesAFile * bytes);
  const kept: number[] = [];
  const hashes: string[] = [];
  const unreadable: UnreadableImage[] = [...stream.unreadable];
  const buffer = new Uint8Array(Math.min(chunk, paths.length) * bytes);
  let done = 0;
  for (let first = 0; first < paths.length; first += chunk) {
    options.signal.throwIfAborted();
    const images = Int32Array.from({ length: Math.min(chunk, paths.length - first) }, (_, at) => first + at);
    const skipped = await stream.read(images, buffer.subarray(0, images.length * bytes), (count) => {
      done += count;
      options.onProgress?.(done, paths.length);
    });
    const without = new Set(skipped.map(({ image }) => image));
    unreadable.push(...skipped.map(({ path, reason }) => ({ path, reason })));
    for (const [at, image] of images.entries()) {
      if (without.has(image)) continue;
      const record = buffer.subarray(at * bytes, (at + 1) * bytes);
      kept.push(image);
      hashes.push(toHex(await sha256(record)));
      await pixels.add(record);
    }
  }
  if (kept.length === 0) throw noReadableImage(stream.name, unreadable);
  await pixels.finish();
  const identities = await identitiesOf(stream, kept, hashes);
  const { classes, labels, partition } = stream;
  const row = (image: number, at: number) =>
    csvLine([
      paths[image]!,
      labels[image]! >= 0 ? classes[labels[image]!]! : '',
      partition[image]!,
      identities[at]!,
    ]);
  await target.write('index.csv', csvFile(withHeader(indexColumns, kept.map(row))));
  const skippedRows = unreadable.map(({ path, reason }) => csvLine([path, reason]));
  await target.write('unreadable.csv', csvFile(withHeader(unreadableColumns, skippedRows)));
  const facts: PackFacts = {
    version: packVersion,
    name: stream.name,
    images: kept.length,
    side: size,
    imagesAFile,
    classes: [...classes],
    testImages: kept.filter((image) => partition[image] === 'test').length,
    ...(stream.range !== undefined && { range: stream.range }),
    fit: options.fit,
  };
  await target.write('pack.json', `${JSON.stringify(facts, null, 2)}\n`);
  return { images: kept.length, side: size, unreadable };
}

const withHeader = (columns: readonly string[], rows: readonly string[]) => () => [csvLine(columns), ...rows];

/**
 * What tells each image from all others, by the whole of it; '' where its square alone does.
 * @param kept numbers of images
 * @param hashes of their squares
 */
async function identitiesOf(
  stream: ImageStream,
  kept: readonly number[],
  hashes: readonly string[],
): Promise<string[]> {
  const count = new Map<string, number>();
  for (const hash of hashes) count.set(hash, (count.get(hash) ?? 0) + 1);
  const alike = [...hashes.keys()].filter((at) => count.get(hashes[at]!)! > 1);
  const identities = hashes.map(() => '');
  const found = stream.identify
    ? await stream.identify(Int32Array.from(alike, (at) => kept[at]!))
    : alike.map((at) => hashes[at]!);
  // The texts are long, and mean nothing but whether two are equal.
  const numbers = new Map<string, string>();
  for (const [i, at] of alike.entries()) {
    const text = found[i]!;
    if (!numbers.has(text)) numbers.set(text, String(numbers.size + 1));
    identities[at] = numbers.get(text)!;
  }
  return identities;
}

/** Records one after another in files of one length. */
class PixelFiles {
  readonly #target: NewFolder;
  readonly #file: Uint8Array;
  #filled = 0;
  #number = 0;

  constructor(target: NewFolder, bytes: number) {
    this.#target = target;
    this.#file = new Uint8Array(bytes);
  }

  async add(record: Uint8Array): Promise<void> {
    this.#file.set(record, this.#filled);
    this.#filled += record.length;
    if (this.#filled === this.#file.length) await this.finish();
  }

  /** Writes what is left. */
  async finish(): Promise<void> {
    if (this.#filled === 0) return;
    await this.#target.write(pixelFile(this.#number++), this.#file.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
