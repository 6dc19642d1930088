/** Bytes in base64, as a data address holds them. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // As many arguments at once as a call surely takes.
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}
