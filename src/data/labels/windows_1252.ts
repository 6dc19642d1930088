/**
 * Windows-1252, by its own table: Node 20 and some later versions decode it as ISO-8859-1, which has control characters
 * where Windows-1252 has a euro sign, quotation marks and `Œ`.
 */
const upper = '€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ';

/** The text of bytes in Windows-1252; undefined where one of them is none of its characters. */
export function decodeWindows1252(bytes: Uint8Array): string | undefined {
  const letters: string[] = [];
  for (const byte of bytes) {
    const isUpper = byte >= 0x80 && byte < 0xa0;
    const letter = isUpper ? upper[byte - 0x80]! : String.fromCharCode(byte);
    if (isUpper && letter === '\0') return undefined;
    letters.push(letter);
  }
  return letters.join('');
}

/** The byte of a character in Windows-1252; undefined where it has none. */
export function byteInWindows1252(letter: string): number | undefined {
  const code = letter.codePointAt(0)!;
  if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) return code;
  const at = upper.indexOf(letter);
  return at < 0 ? undefined : 0x80 + at;
}
