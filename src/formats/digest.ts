/** SHA-256 of some bytes: 32 bytes. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

/** Two lower-case hexadecimal digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The first 8 bytes of the SHA-256, 16 hexadecimal digits: tells a few things apart, not against anyone's will. */
export async function shortDigest(bytes: Uint8Array): Promise<string> {
  return toHex((await sha256(bytes)).subarray(0, 8));
}

// Web Crypto hashes only whole buffers and copies them, so long data is hashed in pieces and the pieces' hashes hashed.
const pieceBytes = 1 << 24;

/** Hashes bytes that come in parts of any length, in pieces of 16 MB: what comes out does not depend on the parts. */
export class PieceHashes {
  readonly #hashes: Uint8Array[] = [];
  #piece: Uint8Array | undefined;
  #filled = 0;

  /** Takes the bytes that follow those taken before. */
  async add(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      const part = bytes.subarray(start, start + pieceBytes - this.#filled);
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

  /** The SHA-256 of each piece, after the last bytes; the last piece is as long as it is. */
  async finish(): Promise<Uint8Array[]> {
    if (this.#filled === 0) return this.#hashes;
    return [...this.#hashes, await sha256(this.#piece!.subarray(0, this.#filled))];
  }
}

/** The SHA-256 of hashes that follow one another. */
export function sha256OfHashes(hashes: readonly Uint8Array[]): Promise<Uint8Array> {
  const joined = new Uint8Array(hashes.length * 32);
  hashes.forEach((hash, index) => {
    joined.set(hash, index * 32);
  });
  return sha256(joined);
}
