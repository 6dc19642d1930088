import { type Samples, truncated } from '../raw_image.ts';
import { expand, mostGain } from './compression.ts';
import type { TiffLayout } from './layout.ts';

/** All numbers of a page, those of a pixel side by side, in the rows and columns of the file. */
export async function pageNumbers(bytes: Uint8Array, layout: TiffLayout, little: boolean): Promise<Samples> {
  const { width, height, perPixel, planar, block, offsets, lengths } = layout;
  const out = emptyNumbers(layout, width * height * perPixel);
  const across = Math.ceil(width / block.width);
  const down = Math.ceil(height / block.height);
  const planes = planar ? perPixel : 1;
  if (offsets.length < across * down * planes || lengths.length < across * down * planes) throw truncated();
  const together = planar ? 1 : perPixel;
  for (let i = 0; i < across * down * planes; i++) {
    const plane = Math.floor(i / (across * down));
    const [x, y] = [(i % across) * block.width, (Math.floor(i / across) % down) * block.height];
    const rows = block.tiled ? block.height : Math.min(block.height, height - y);
    const numbers = await blockNumbers(bytes, layout, little, i, rows, together);
    const [shownRows, shown] = [Math.min(rows, height - y), Math.min(block.width, width - x)];
    for (let row = 0; row < shownRows; row++) {
      const from = row * block.width * together;
      const to = ((y + row) * width + x) * perPixel + plane;
      if (!planar) out.set(numbers.subarray(from, from + shown * together), to);
      else
        for (let column = 0; column < shown; column++) out[to + column * perPixel] = numbers[from + column]!;
    }
  }
  return out;
}

function emptyNumbers({ bits, kind }: TiffLayout, length: number): Samples {
  if (kind === 'float') return new Float32Array(length);
  if (kind === 'signed') return bits <= 16 ? new Int16Array(length) : new Int32Array(length);
  return bits <= 8 ? new Uint8Array(length) : bits <= 16 ? new Uint16Array(length) : new Uint32Array(length);
}

/** The numbers of a strip or tile. */
async function blockNumbers(
  bytes: Uint8Array,
  layout: TiffLayout,
  little: boolean,
  index: number,
  rows: number,
  together: number,
): Promise<Samples> {
  const { bits, compression, reversed, predictor, block, offsets, lengths } = layout;
  const perRow = block.width * together;
  const rowBytes = Math.ceil((perRow * bits) / 8);
  const [offset, length] = [offsets[index]!, lengths[index]!];
  const isTooSmall = rowBytes * rows > mostGain[compression] * length + 64;
  if (offset + length > bytes.length || isTooSmall) throw truncated();
  // No compression makes more than this of the numbers; what lies behind would be gone through for nothing.
  const packed = bytes.subarray(offset, offset + Math.min(length, 4 * rowBytes * rows + 1024));
  const raw = await expand(reversed ? packed.map(mirrored) : packed, compression, rowBytes * rows);
  const whole = predictor === 3 ? joinedFloats(raw, rows, rowBytes, bits / 8, together) : raw;
  const numbers = emptyNumbers(layout, perRow * rows);
  // The third predictor leaves the high byte first, whatever the file's order.
  unpack(whole, layout, predictor !== 3 && little, rowBytes, perRow, numbers);
  if (predictor === 2) {
    for (let row = 0; row < rows; row++) {
      for (let i = row * perRow + together; i < (row + 1) * perRow; i++)
        numbers[i]! += numbers[i - together]!;
    }
    if (layout.kind === 'signed' && bits === 8)
      for (let i = 0; i < numbers.length; i++) numbers[i] = (numbers[i]! << 24) >> 24;
  }
  return numbers;
}

/** A byte with its bits in the reverse order. */
function mirrored(byte: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) out |= ((byte >> bit) & 1) << (7 - bit);
  return out;
}

/** Takes numbers out of bytes: of whole bytes in the file's order, of others the highest bit first and each row on a byte of its own. */
function unpack(
  bytes: Uint8Array,
  { bits, kind }: TiffLayout,
  little: boolean,
  rowBytes: number,
  perRow: number,
  numbers: Samples,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const unused = 32 - bits;
  for (let i = 0; i < numbers.length; i++) {
    if (kind === 'float')
      numbers[i] = bits === 32 ? view.getFloat32(4 * i, little) : view.getFloat64(8 * i, little);
    else if (bits === 32) numbers[i] = view.getUint32(4 * i, little);
    else if (bits === 16) numbers[i] = view.getUint16(2 * i, little);
    else {
      const number =
        bits === 8
          ? bytes[i]!
          : bitsAt(bytes, Math.floor(i / perRow) * rowBytes * 8 + (i % perRow) * bits, bits);
      numbers[i] = kind === 'signed' ? (number << unused) >> unused : number;
    }
  }
}

function bitsAt(bytes: Uint8Array, at: number, bits: number): number {
  const byte = at >> 3;
  const three = (bytes[byte]! << 16) | ((bytes[byte + 1] ?? 0) << 8) | (bytes[byte + 2] ?? 0);
  return (three >> (24 - bits - (at & 7))) & ((1 << bits) - 1);
}

/** Undoes the predictor of floating-point numbers: differences of bytes, and all highest bytes of a row before the next ones. */
function joinedFloats(
  bytes: Uint8Array,
  rows: number,
  rowBytes: number,
  size: number,
  together: number,
): Uint8Array {
  const summed = bytes.slice(0, rows * rowBytes);
  const out = new Uint8Array(rows * rowBytes);
  const perRow = rowBytes / size;
  for (let row = 0; row < rows; row++) {
    const start = row * rowBytes;
    for (let i = start + together; i < start + rowBytes; i++) summed[i]! += summed[i - together]!;
    for (let i = 0; i < rowBytes; i++)
      out[start + (i % perRow) * size + Math.floor(i / perRow)] = summed[start + i]!;
  }
  return out;
}
