import type { Content } from './store.ts';

/** Bytes that are written at a time: blocks of 4 KiB are forty times slower. */
export const blockBytes = 1 << 20;

/** A file's content in blocks of at most 1 MiB. A block is to be used before the next is asked for: text comes in one array. */
export async function* blocksOf(content: Content): AsyncGenerator<Uint8Array> {
  if (content instanceof Blob) {
    for (let at = 0; at < content.size; at += blockBytes)
      yield new Uint8Array(await content.slice(at, at + blockBytes).arrayBuffer());
    return;
  }
  if (content instanceof Uint8Array) {
    for (let at = 0; at < content.length; at += blockBytes) yield content.subarray(at, at + blockBytes);
    return;
  }
  yield* encoded(typeof content === 'string' ? [content] : content);
}

/** Bytes, and text as UTF-8. A character's two halves may come in two pieces. */
function* encoded(pieces: Iterable<string | Uint8Array>): Generator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const block = new Uint8Array(blockBytes);
  let filled = 0;
  let half = '';
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      if (filled > 0) yield block.subarray(0, filled);
      filled = 0;
      for (let at = 0; at < piece.length; at += blockBytes)
        yield piece.subarray(at, at + blockBytes) as Uint8Array<ArrayBuffer>;
      continue;
    }
    let rest = half + piece;
    half = /[\ud800-\udbff]$/.test(rest) ? rest.slice(-1) : '';
    if (half !== '') rest = rest.slice(0, -1);
    while (rest !== '') {
      const { read, written } = encoder.encodeInto(rest, block.subarray(filled));
      filled += written;
      rest = rest.slice(read);
      if (rest === '') break;
      yield block.subarray(0, filled);
      filled = 0;
    }
  }
  filled += encoder.encodeInto(half, block.subarray(filled)).written;
  if (filled > 0) yield block.subarray(0, filled);
}

/** All of a content as one file in memory. */
export async function blobOf(content: Content): Promise<Blob> {
  if (content instanceof Blob) return content;
  if (content instanceof Uint8Array) return new Blob([content as Uint8Array<ArrayBuffer>]);
  if (typeof content === 'string') return new Blob([content]);
  return new Blob(Array.from(encoded(content), (block) => block.slice()));
}
