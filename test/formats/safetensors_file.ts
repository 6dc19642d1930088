/** A file put together by hand, as the format's page describes it. */
export function file(
  header: string,
  content: ArrayLike<number> = [],
  headerLength?: number | bigint,
): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + content.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(content, 8 + json.length);
  return bytes;
}
