/** In bytes: larger integers are of no use to weights and slow to read. */
const longestInteger = 64;

/** Reads a pickle's bytes from front to back. */
export class PickleCursor {
  /** Where the next byte lies. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #truncated: () => never;
  readonly #text = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(bytes: Uint8Array, at: number, truncated: () => never) {
    this.at = at;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#truncated = truncated;
  }

  /** Passes over bytes. @returns where they begin */
  take(length: number): number {
    if (length > this.#bytes.length - this.at) this.#truncated();
    this.at += length;
    return this.at - length;
  }

  u8(): number {
    return this.#view.getUint8(this.take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.take(4), true);
  }

  u64(): number {
    return Number(this.#view.getBigUint64(this.take(8), true));
  }

  /** The one number of a pickle whose most significant byte comes first. */
  f64(): number {
    return this.#view.getFloat64(this.take(8), false);
  }

  slice(length: number): Uint8Array {
    const begin = this.take(length);
    return this.#bytes.subarray(begin, begin + length);
  }

  string(length: number): string {
    return this.#text.decode(this.slice(length));
  }

  line(): string {
    const length = this.#bytes.indexOf(10, this.at) - this.at;
    if (length < 0) this.#truncated();
    const read = this.string(length);
    this.take(1);
    return read;
  }

  /** A signed integer of any width; null where it is too wide to be of use. */
  integer(length: number): number | bigint | null {
    const digits = this.slice(length);
    if (length > longestInteger) return null;
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(digits[i]!);
    value = BigInt.asIntN(8 * length, value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
}
