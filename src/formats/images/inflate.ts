import { UnreadableImage } from './raw_image.ts';

/**
 * Inflates a deflate stream until it ends or so many bytes have come, whichever is first; what follows is ignored.
 * @param format `deflate` with zlib's head, `deflate-raw` without
 * @param most bytes that are wanted; a stream that would give more is cut, so that a small file cannot fill the memory
 * @returns the bytes that came, fewer than `most` where the stream ends or breaks off before
 */
export async function inflate(
  bytes: Uint8Array,
  format: 'deflate' | 'deflate-raw',
  most: number,
): Promise<Uint8Array> {
  const stream = new DecompressionStream(format);
  const writer = stream.writable.getWriter();
  const written = feed(writer, bytes);
  const reader = stream.readable.getReader();
  const pieces: Uint8Array[] = [];
  let total = 0;
  try {
    while (total < most) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      total += value.length;
    }
  } catch {
    if (total === 0) throw new UnreadableImage('truncated or damaged');
  }
  await reader.cancel().catch(() => undefined);
  await written;
  return joined(pieces, Math.min(total, most));
}

/** So many bytes at a time: a page inflates whatever it is given at once, up to a thousand times as much. */
const slice = 1 << 14;

/** Hands the bytes on piece by piece. A broken stream is told by its reader; here it would only be told again. */
async function feed(writer: WritableStreamDefaultWriter<BufferSource>, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; at += slice) {
      await writer.ready;
      await writer.write(bytes.slice(at, at + slice));
    }
    await writer.close();
  } catch {
    return;
  }
}

/** Pieces one behind the other, up to a length. */
function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    const part = piece.subarray(0, length - at);
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
