/**
 * Small whole numbers in Parquet's hybrid of runs and packed bits, lowest bit first: a run is a count and a value, packed
 * bits come in groups of eight numbers. https://parquet.apache.org/docs/file-format/data-pages/encodings/
 * @param width bits of a number, 0 … 32
 * @param count how many numbers to read
 * @throws RangeError where the bytes end before, or a run is longer than what is left
 */
export function readRuns(bytes: Uint8Array, width: number, count: number): Int32Array {
  const numbers = new Int32Array(count);
  if (width === 0) return numbers;
  if (width > 32) throw new RangeError(`numbers of ${width} bits`);
  let at = 0;
  const next = () => {
    const byte = bytes[at++];
    if (byte === undefined) throw new RangeError('its runs end too early');
    return byte;
  };
  for (let done = 0; done < count; ) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = next();
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
      if (shift > 28) throw new RangeError('a run is too long');
    }
    const length = Math.floor(header / 2);
    if (header % 2 === 1) {
      const whole = Math.min(8 * length, count - done);
      unpack(bytes.subarray(at), width, numbers.subarray(done, done + whole));
      at += length * width;
      done += whole;
      continue;
    }
    if (length > count - done) throw new RangeError('a run is too long');
    let value = 0;
    for (let shift = 0; shift < width; shift += 8) value |= next() << shift;
    numbers.fill(value, done, done + length);
    done += length;
  }
  return numbers;
}

function unpack(bytes: Uint8Array, width: number, into: Int32Array): void {
  if (Math.ceil((into.length * width) / 8) > bytes.length) throw new RangeError('its bits end too early');
  for (let i = 0; i < into.length; i++) {
    let value = 0;
    for (let bit = 0; bit < width; ) {
      const place = i * width + bit;
      const taken = Math.min(8 - (place % 8), width - bit);
      value |= ((bytes[place >> 3]! >> (place % 8)) & ((1 << taken) - 1)) << bit;
      bit += taken;
    }
    into[i] = value;
  }
}
