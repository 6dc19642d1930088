import type { Parameters } from '../autograd/parameters.ts';
import type { Ranks } from '../autograd/ranks.ts';
import { currentTape } from '../autograd/tape.ts';
import type { Gpu } from '../gpu/device.ts';
import { Storage } from '../gpu/storage.ts';
import { packHalves, unpackHalves } from '../numerics/half.ts';
import type { RankLine } from '../platform/platform.ts';

/** Bytes that are on the way at once; a second piece is read from the device meanwhile. */
const pieceBytes = 2 ** 22;

/**
 * Records, behind `backward` and in front of the optimizer's update, that all gradients become their sums over ranks;
 * nothing in a process alone. A piece goes on its way as soon as no kernel touches it any more, the last layers' first,
 * while the way back through earlier layers goes on; what follows waits for all of them. Each rank gets its part of all
 * ranks' gradients, adds them up in the order of ranks, and sends the sums to all: whatever MPI library carries them, the
 * bits are the same, and the same on every rank.
 */
export function sumGradients(parameters: Parameters): void {
  const { ranks, recording } = currentTape();
  if (!ranks) return;
  const { gradients } = parameters.place();
  const sums = new PiecesUnderWay(ranks);
  let behind = 0;
  // One order for all ranks, whose kernels may differ.
  for (const piece of gradients.flatMap(piecesOf).toReversed()) {
    behind = Math.max(behind, recording.untouchedBehind(piece));
    recording.host([piece], async (gpu) => sums.add(gpu, piece), behind);
  }
  recording.host(gradients, () => ranks.link.waitFor(sums.all()));
}

/** Sums of pieces, one behind the other, beside other work. Of two at a time the host has a copy, never of all. */
class PiecesUnderWay {
  readonly #ranks: Ranks;
  #last: Promise<void> = Promise.resolve();
  #beforeLast: Promise<void> = this.#last;

  constructor(ranks: Ranks) {
    this.#ranks = ranks;
  }

  /** Reads a piece once there is room for it, and writes the sums over it. */
  add(gpu: Pick<Gpu, 'read' | 'write'>, piece: Storage): void {
    const { link, wire } = this.#ranks;
    const last = this.#last;
    const own = this.#beforeLast.then(() => gpu.read([piece]));
    this.#beforeLast = last;
    this.#last = Promise.all([own, last]).then(async ([[bytes]]) => {
      gpu.write(piece, await sumOverRanks({ link: link.beside, wire }, new Float32Array(bytes!)));
    });
    // Whoever waits for all hears of an error.
    this.#last.catch(() => {});
  }

  /** Waits for those that were added. */
  all(): Promise<void> {
    return this.#last;
  }
}

/** Ranges of a storage, one behind the other. */
function piecesOf({ label, bytes, buffer, offset }: Storage): Storage[] {
  return Array.from({ length: Math.ceil(bytes / pieceBytes) }, (_, i) => {
    const start = i * pieceBytes;
    return new Storage(label, Math.min(pieceBytes, bytes - start), buffer, offset + start);
  });
}

/**
 * The sums over ranks of as many numbers on each, in the order of ranks, each rounded once.
 * @param link the line that they go over
 */
export async function sumOverRanks(
  { link, wire }: { readonly link: RankLine; readonly wire: Ranks['wire'] },
  own: Float32Array<ArrayBuffer>,
): Promise<Float32Array<ArrayBuffer>> {
  const { size } = link;
  const { pack, unpack } = wires[wire];
  // An even number of halves makes whole words.
  const length = 2 * Math.ceil(own.length / size / 2);
  const received = unpack(await link.exchange('gradients', pack(padded(own, size * length), size)), size);
  const sums = new Float64Array(length);
  for (let part = 0; part < size; part++)
    for (let i = 0; i < length; i++) sums[i]! += received[part * length + i]!;
  const gathered = await link.gather('sums of gradients', pack(new Float32Array(sums), 1));
  return unpack(gathered, size).subarray(0, own.length);
}

/** How equal parts become bytes on their way. */
const wires = {
  f32: {
    pack: ({ buffer, byteOffset, byteLength }: Float32Array<ArrayBuffer>, _parts: number): Uint8Array =>
      new Uint8Array(buffer, byteOffset, byteLength),
    unpack: ({ buffer, byteOffset, byteLength }: Uint8Array, _parts: number): Float32Array<ArrayBuffer> =>
      new Float32Array(buffer as ArrayBuffer, byteOffset, byteLength / 4),
  },
  f16: {
    pack: (values: Float32Array<ArrayBuffer>, parts: number): Uint8Array =>
      joined(Uint8Array, inParts(values, parts).map(packHalves)),
    unpack: (bytes: Uint8Array, parts: number): Float32Array<ArrayBuffer> =>
      joined(Float32Array, inParts(bytes, parts).map(unpackHalves)),
  },
} as const;

function padded(values: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  if (values.length === length) return values;
  const whole = new Float32Array(length);
  whole.set(values);
  return whole;
}

function joined<Joined extends Uint8Array | Float32Array>(
  kind: new (length: number) => Joined,
  parts: readonly Joined[],
): Joined {
  const all = new kind(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function inParts<Values extends Uint8Array | Float32Array>(values: Values, count: number): Values[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, i) => values.subarray(i * length, (i + 1) * length) as Values);
}
