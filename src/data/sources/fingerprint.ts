/** What a fingerprint covers beside the pixels; see `ImageSource`. */
export interface Described {
  readonly size: number;
  readonly paths: readonly string[];
  readonly partition: readonly string[];
  readonly labels: Int32Array;
  readonly classes: readonly string[];
}

// Web Crypto hashes only whole buffers and copies them, so long data is hashed in pieces and the pieces' hashes hashed.
const PIECE_BYTES = 1 << 24;

/** The SHA-256 of a set whose pixels come in parts of any length, never all at once. */
export class Fingerprint {
  readonly #hashes: Uint8Array[] = [];
  #piece: Uint8Array | undefined;
  #filled = 0;

  /** Takes the pixels that follow those taken before. */
  async add(pixels: Uint8Array): Promise<void> {
    for (let start = 0; start < pixels.length; ) {
      const part = pixels.subarray(start, start + PIECE_BYTES - this.#filled);
      start += part.length;
      if (part.length === PIECE_BYTES) {
        this.#hashes.push(await sha256(part));
        continue;
      }
      this.#piece ??= new Uint8Array(PIECE_BYTES);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      if (this.#filled < PIECE_BYTES) continue;
      this.#filled = 0;
      this.#hashes.push(await sha256(this.#piece));
    }
  }

  /** The digest in hex, after the last pixels. */
  async finish({ size, paths, partition, labels, classes }: Described): Promise<string> {
    const text = JSON.stringify({ size, paths, partition, labels: [...labels], classes });
    const words = new TextEncoder().encode(text);
    const hashes: Uint8Array[] = [];
    for (let start = 0; start < words.length; start += PIECE_BYTES) {
      hashes.push(await sha256(words.subarray(start, start + PIECE_BYTES)));
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

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
