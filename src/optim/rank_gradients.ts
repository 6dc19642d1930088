import type { Parameters } from '../autograd/parameters.ts';
import type { Ranks } from '../autograd/ranks.ts';
import { currentTape } from '../autograd/tape.ts';
import { Tensor } from '../autograd/tensor.ts';
import { Storage } from '../gpu/storage.ts';
import { packHalves, unpackHalves } from '../numerics/half.ts';

/** Bytes that are on the way at once; a second piece is read from the device meanwhile. */
const pieceBytes = 2 ** 22;

/**
 * Records, behind `backward` and in front of the optimizer's update, that all gradients become their sums over ranks;
 * nothing in a process alone. Each rank gets its part of all ranks' gradients, adds them up in the order of ranks, and
 * sends the sums to all: whatever MPI library carries them, the bits are the same, and the same on every rank. The host
 * holds a few pieces of `pieceBytes`, never a copy of all gradients.
 */
export function sumGradients(parameters: Parameters): void {
  const tape = currentTape();
  const { ranks } = tape;
  if (!ranks) return;
  for (const gradients of parameters.place().gradients) {
    const whole = new Tensor({ shape: [gradients.bytes / 4], dtype: 'f32' }, gradients);
    tape.host([whole], async (gpu) => {
      const pieces = piecesOf(gradients);
      let next = pieces.length > 0 ? gpu.read([pieces[0]!]) : undefined;
      for (const [i, piece] of pieces.entries()) {
        const [bytes] = (await next)!;
        next = i + 1 < pieces.length ? gpu.read([pieces[i + 1]!]) : undefined;
        gpu.write(piece, await sumOverRanks(ranks, new Float32Array(bytes!)));
      }
    });
  }
}

/** Ranges of a storage, one behind the other. */
function piecesOf({ label, bytes, buffer, offset }: Storage): Storage[] {
  return Array.from({ length: Math.ceil(bytes / pieceBytes) }, (_, i) => {
    const start = i * pieceBytes;
    return new Storage(label, Math.min(pieceBytes, bytes - start), buffer, offset + start);
  });
}

/** The sums over ranks of as many numbers on each, in the order of ranks, each rounded once. */
export async function sumOverRanks(
  { link, wire }: Pick<Ranks, 'link' | 'wire'>,
  own: Float32Array<ArrayBuffer>,
): Promise<Float32Array<ArrayBuffer>> {
  const { size } = link;
  const { pack, unpack } = wires[wire];
  const length = Math.ceil(own.length / size);
  const parts = Array.from({ length: size }, (_, rank) =>
    pack(padded(own.subarray(rank * length, (rank + 1) * length), length)),
  );
  const received = inParts(await link.exchange('gradients', joined(parts)), size);
  const sums = new Float64Array(length);
  for (const part of received) {
    const values = unpack(part);
    for (let i = 0; i < length; i++) sums[i]! += values[i]!;
  }
  const gathered = await link.gather('sums of gradients', pack(new Float32Array(sums)));
  const all = new Float32Array(size * length);
  for (const [rank, part] of inParts(gathered, size).entries())
    all.set(unpack(part).subarray(0, length), rank * length);
  return all.subarray(0, own.length);
}

/** How numbers become bytes on their way. */
const wires = {
  f32: {
    pack: ({ buffer, byteOffset, byteLength }: Float32Array<ArrayBuffer>) =>
      new Uint8Array(buffer, byteOffset, byteLength),
    unpack: (bytes: Uint8Array) =>
      new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / 4),
  },
  f16: { pack: packHalves, unpack: unpackHalves },
} as const;

function padded(values: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  if (values.length === length) return values;
  const whole = new Float32Array(length);
  whole.set(values);
  return whole;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function inParts(bytes: Uint8Array, count: number): Uint8Array[] {
  const length = bytes.length / count;
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * length, (i + 1) * length));
}
