/**
 * Writes one message of Protocol Buffers' wire format: each field is a tag (field number · 8 + wire type) and a value,
 * of which numbers that are varints, floats, and things with a length suffice here.
 * https://protobuf.dev/programming-guides/encoding/
 */
export class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /**
   * A whole number (int32, int64 or enum).
   * @throws RangeError where it is below 0 or not exact in a double
   */
  integer(field: number, value: number): this {
    return this.#add(varint(tag(field, wire.varint)), varint(value));
  }

  /** A number of 32 bits, the nearest to `value`. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#add(varint(tag(field, wire.fixed32)), bytes);
  }

  /** A text, in UTF-8. */
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** Bytes as they are; they are not copied before `encode`. */
  bytes(field: number, value: Uint8Array): this {
    return this.#add(varint(tag(field, wire.lengthDelimited)), varint(value.length), value);
  }

  /** Another message inside this one, as it is at this moment. */
  message(field: number, value: Message): this {
    return this.#add(varint(tag(field, wire.lengthDelimited)), varint(value.#length), ...value.#parts);
  }

  /** Other messages inside this one: a repeated field. */
  messages(field: number, values: readonly Message[]): this {
    for (const value of values) this.message(field, value);
    return this;
  }

  /** Texts, in UTF-8: a repeated field. */
  texts(field: number, values: readonly string[]): this {
    for (const value of values) this.text(field, value);
    return this;
  }

  /** A list of whole numbers, packed. @throws RangeError where one is below 0 or not exact in a double */
  integers(field: number, values: readonly number[]): this {
    const packed = new Message().#add(...values.map(varint));
    return this.message(field, packed);
  }

  /** The message's bytes. */
  encode(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  #add(...parts: readonly Uint8Array[]): this {
    for (const part of parts) {
      this.#parts.push(part);
      this.#length += part.length;
    }
    return this;
  }
}

const wire = { varint: 0, lengthDelimited: 2, fixed32: 5 } as const;

const tag = (field: number, wireType: number): number => field * 8 + wireType;

/** Seven bits a byte, lowest first; the top bit says that more follow. */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`protobuf: ${value} is no whole number`);
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
