const markerStart = 0xff;
const startOfImage = 0xd8;
const startOfScan = 0xda;

/**
 * A JPEG file without the bytes that some cameras put between its segments, which every viewer passes over; undefined
 * where it has none, or is no JPEG file. The entropy-coded data behind the first scan's header stay as they are.
 */
export function withoutPadding(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== markerStart || bytes[1] !== startOfImage) return undefined;
  const kept: Uint8Array[] = [bytes.subarray(0, 2)];
  let at = 2;
  let padding = 0;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== markerStart || bytes[at + 1] === markerStart || bytes[at + 1] === 0) {
      padding++;
      at++;
      continue;
    }
    const scan = bytes[at + 1] === startOfScan;
    const end = scan ? bytes.length : at + 2 + 256 * bytes[at + 2]! + bytes[at + 3]!;
    kept.push(bytes.subarray(at, end));
    at = end;
  }
  if (padding === 0) return undefined;
  const cleaned = new Uint8Array(kept.reduce((sum, part) => sum + part.length, 0));
  let to = 0;
  for (const part of kept) {
    cleaned.set(part, to);
    to += part.length;
  }
  return cleaned;
}
