import { sha256, toHex } from '../../formats/digest.ts';
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

// Web Crypto hashes only whole buffers and copies them, so long data is hashed in pieces and the pieces' hashes hashed.
const pieceBytes = 1 << 24;

/**
 * The SHA-256 of a set's pixels, paths, partitions and labels: equal where the content is. The pixels come in parts of any
 * length, never all at once.
 */
export class Fingerprint {
  readonly #hashes: Uint8Array[] = [];
  #piece: Uint8Array | undefined;
  #filled = 0;

  /** Takes the pixels that follow those taken before. */
  async add(pixels: Uint8Array): Promise<void> {
    for (let start = 0; start < pixels.length; ) {
      const part = pixels.subarray(start, start + pieceBytes - this.#filled);
      start += part.length;
      if (part.length === pieceBytes) {
        this.#hashes.push(await sha256(part));
        continue;
      }
      this.#piece ??= new Uint8Array(pieceBytes);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      if (this.#filled < pieceBytes) continue;
      this.#filled = 0;
      this.#hashes.push(await sha256(this.#piece));
    }
  }

  /** The digest in hex, after the last pixels. */
  async finish({ size, paths, partition, labels, classes }: Described): Promise<string> {
    const text = JSON.stringify({ size, paths, partition, labels: [...labels], classes });
    const words = new TextEncoder().encode(text);
    const hashes: Uint8Array[] = [];
    for (let start = 0; start < words.length; start += pieceBytes) {
      hashes.push(await sha256(words.subarray(start, start + pieceBytes)));
    }
    hashes.push(...this.#hashes);
    if (this.#filled > 0) hashes.push(await sha256(this.#piece!.subarray(0, this.#filled)));
    const joined = new Uint8Array(hashes.length * 32);
    hashes.forEach((hash, index) => {
      joined.set(hash, index * 32);
    });
    return toHex(await sha256(joined));
  }
}

/** The fingerprint of a set whose pixels lie in memory, in hex. @param pixels size·size·3 bytes for each of the paths */
export async function fingerprintOf(described: Described, pixels: Uint8Array): Promise<string> {
  const fingerprint = new Fingerprint();
  await fingerprint.add(pixels);
  return fingerprint.finish(described);
}
