const u16 = (value: number) => [value & 255, (value >> 8) & 255];
const u32 = (value: number) => [...u16(value), ...u16(value >>> 16)];
const zeros = (count: number) => new Array<number>(count).fill(0);

/**
 * A zip archive put together by hand: entries stored, sizes in the directory only, as PyTorch writes them but for the
 * checksums, which nobody reads.
 */
export function zipFile(
  entries: readonly (readonly [string, Uint8Array])[],
  method = 0,
  flags = 0x808,
): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: number[] = [];
  let offset = 0;
  for (const [path, bytes] of entries) {
    const name = [...new TextEncoder().encode(path)];
    const kind = [...u16(0), ...u16(flags), ...u16(method)];
    const header = [...u32(0x04034b50), ...kind, ...zeros(16), ...u16(name.length), ...u16(0), ...name];
    parts.push(Uint8Array.from(header), bytes);
    directory.push(...u32(0x02014b50), ...u16(0), ...kind, ...zeros(8), ...u32(bytes.length));
    directory.push(...u32(bytes.length), ...u16(name.length), ...zeros(12), ...u32(offset), ...name);
    offset += header.length + bytes.length;
  }
  const counts = [...zeros(4), ...u16(entries.length), ...u16(entries.length)];
  const end = [...u32(0x06054b50), ...counts, ...u32(directory.length), ...u32(offset), ...u16(0)];
  return Buffer.concat([...parts, Uint8Array.from(directory), Uint8Array.from(end)]);
}
