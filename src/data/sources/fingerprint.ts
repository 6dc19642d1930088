import { PieceHashes, sha256OfHashes, toHex } from '../../formats/digest.ts';

/** What a fingerprint covers beside the pixels, as `ImageStream` has it. */
export interface Described {
  /** Side of the square images, in pixels. */
  readonly size: number;
  /** Path of each image. */
  readonly paths: readonly string[];
  /** Part of the set that each image belongs to: `train` or `test`. */
  readonly partition: readonly string[];
  /** Class number of each image, −1 where it is unknown. */
  readonly labels: Int32Array;
  /** Names of the classes by number. */
  readonly classes: readonly string[];
}

/**
 * The SHA-256 of a set's pixels, paths, partitions and labels: equal where the content is. The pixels come in parts of any
 * length, never all at once.
 */
export class Fingerprint {
  readonly #pixels = new PieceHashes();

  /** Takes the pixels that follow those taken before. */
  add(pixels: Uint8Array): Promise<void> {
    return this.#pixels.add(pixels);
  }

  /** The digest in hex, after the last pixels. */
  async finish({ size, paths, partition, labels, classes }: Described): Promise<string> {
    const words = new PieceHashes();
    const text = JSON.stringify({ size, paths, partition, labels: [...labels], classes });
    await words.add(new TextEncoder().encode(text));
    return toHex(await sha256OfHashes([...(await words.finish()), ...(await this.#pixels.finish())]));
  }
}

/** The fingerprint of a set whose pixels lie in memory, in hex. @param pixels size·size·3 bytes for each of the paths */
export async function fingerprintOf(described: Described, pixels: Uint8Array): Promise<string> {
  const fingerprint = new Fingerprint();
  await fingerprint.add(pixels);
  return fingerprint.finish(described);
}

/** Images whose words are hashed at a time. */
const wordsAtOnce = 4096;

/**
 * The fingerprint of a set of which only the hashes of the squares are known, in hex; images that cannot be read do not
 * count.
 * @param squares equally long hashes, one after another
 * @param readable 1 for images that can be read
 */
export async function fingerprintOfSquares(
  { size, paths, partition, labels, classes }: Described,
  squares: Uint8Array,
  readable: Uint8Array,
): Promise<string> {
  const hashes = new PieceHashes();
  const encoder = new TextEncoder();
  await hashes.add(encoder.encode(JSON.stringify({ size, classes })));
  const bytes = squares.length / paths.length;
  for (let first = 0; first < paths.length; first += wordsAtOnce) {
    const words: string[] = [];
    for (let image = first; image < Math.min(first + wordsAtOnce, paths.length); image++) {
      if (readable[image] === 0) continue;
      words.push(JSON.stringify([paths[image], partition[image], labels[image]]));
      await hashes.add(squares.subarray(image * bytes, (image + 1) * bytes));
    }
    await hashes.add(encoder.encode(words.join('\n')));
  }
  return toHex(await sha256OfHashes(await hashes.finish()));
}
