/** Bytes of which any part can be read, and that never lie in memory as a whole: a file, or a member of one. */
export interface ByteSource {
  /** For error messages: the file's name. */
  readonly name: string;
  /** How many bytes there are. */
  readonly size: number;
  /** The bytes from `offset` on, fewer than `length` only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes read at a time: enough that a call costs nothing beside them. */
const pieceBytes = 1 << 22;

/** Bytes at hand as a source. */
export function sourceOf(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** A part of a source, a piece at a time. */
export async function* pieces(
  source: ByteSource,
  offset: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  for (let at = offset; at < offset + length; ) {
    const piece = await source.read(at, Math.min(pieceBytes, offset + length - at));
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}

/** Bytes that come piece by piece, taken in the lengths that the reader wants. */
export class ByteStream {
  readonly #pieces: AsyncGenerator<Uint8Array>;
  #piece = new Uint8Array();

  constructor(from: AsyncGenerator<Uint8Array>) {
    this.#pieces = from;
  }

  /** The next bytes, fewer than `length` only at the end; they are not aligned. */
  async take(length: number): Promise<Uint8Array> {
    if (length <= this.#piece.length) return this.#cut(length);
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#piece.length === 0) {
        const { value, done } = await this.#pieces.next();
        if (done) break;
        this.#piece = value as Uint8Array<ArrayBuffer>;
        continue;
      }
      const part = this.#cut(Math.min(missing, this.#piece.length));
      parts.push(part);
      missing -= part.length;
    }
    if (parts.length === 1) return parts[0]!;
    const joined = new Uint8Array(length - missing);
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  /** Ends the reading before all is read. */
  async close(): Promise<void> {
    await this.#pieces.return(undefined);
  }

  #cut(length: number): Uint8Array {
    const part = this.#piece.subarray(0, length);
    this.#piece = this.#piece.subarray(length);
    return part;
  }
}
