import { truncated } from '../raw_image.ts';
import type { DataSet, Element } from './data_set.ts';

const extendedOffsets = 0x7fe00001;

/**
 * The bytes of one encapsulated frame (DICOM PS3.5, annex A.4). A frame may be in several pieces; where a new one begins a
 * table of offsets says or, where that is empty, the pieces themselves: one each, or each from a JPEG's first marker on.
 * @throws UnreadableImage where the file has no such frame
 */
export function encapsulatedFrame(
  data: DataSet,
  element: Element,
  frame: number,
  frames: number,
): Uint8Array {
  const [table, ...pieces] = data.fragments(element);
  if (!table || pieces.length === 0) throw truncated();
  if (frames === 1) return joined(pieces);
  const firsts = firstPieces(pieces, offsets(data, table), frames);
  const [from, to] = [firsts[frame], firsts[frame + 1] ?? pieces.length];
  if (from === undefined || from >= to) throw truncated();
  return joined(pieces.slice(from, to));
}

/** Where frames begin, in bytes behind the first piece's head; none where the file does not say. */
function offsets(data: DataSet, table: Uint8Array): number[] {
  const extended = data.find(extendedOffsets);
  if (extended && !extended.open) {
    const count = (extended.end - extended.start) >> 3;
    return Array.from({ length: count }, (_, i) =>
      Number(data.view.getBigUint64(extended.start + 8 * i, true)),
    );
  }
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: table.length >> 2 }, (_, i) => view.getUint32(4 * i, true));
}

/** For each frame the number of its first piece. */
function firstPieces(pieces: readonly Uint8Array[], starts: readonly number[], frames: number): number[] {
  if (starts.length === frames) {
    const pieceAt = new Map<number, number>();
    let at = 0;
    pieces.forEach((piece, i) => {
      pieceAt.set(at, i);
      at += 8 + piece.length;
    });
    const found = starts.map((start) => pieceAt.get(start));
    if (found.every((piece) => piece !== undefined)) return found;
  }
  if (pieces.length === frames) return pieces.map((_, i) => i);
  return pieces.flatMap((piece, i) => (piece[0] === 0xff && piece[1] === 0xd8 ? [i] : []));
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
