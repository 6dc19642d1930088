/** SHA-256 of some bytes: 32 bytes. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

/** Two lower-case hexadecimal digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The first 8 bytes of the SHA-256, 16 hexadecimal digits: tells a few things apart, not against anyone's will. */
export async function shortDigest(bytes: Uint8Array): Promise<string> {
  return toHex((await sha256(bytes)).subarray(0, 8));
}
