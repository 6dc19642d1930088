/** Longest stem of a file's name, in UTF-8 bytes: with a number and an ending it stays under the usual 255. */
const longestName = 180;

/** Windows takes these for devices, whatever their ending and spaces before it. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.|$)/i;

/**
 * Text as a name that every file system takes, inside the folder where it is made: no separator or wildcard, not hidden,
 * no `..`, no device of Windows, no dot or space at the end. Two texts can get one name: see `NameBook`.
 */
export function safeName(text: string): string {
  let name = text
    .normalize('NFC')
    .replace(/\p{Surrogate}/gu, '_')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows allows none of them in a name
    .replace(/[\0-\x1f\x7f"*/:<>?\\|]/g, '_');
  if (name === '' || name.startsWith('.') || reserved.test(name)) name = `_${name}`;
  return cut(name, longestName).replace(/[. ]+$/, (end) => '_'.repeat(end.length));
}

/** The longest start of a text, of whole characters, that has at most so many bytes. */
function cut(text: string, bytes: number): string {
  const encoder = new TextEncoder();
  if (encoder.encode(text).length <= bytes) return text;
  let kept = '';
  let size = 0;
  for (const character of text) {
    size += encoder.encode(character).length;
    if (size > bytes) break;
    kept += character;
  }
  return kept;
}

/** Gives names in one folder, none twice, also where capitals do not count: a name that is taken gets a number. */
export class NameBook {
  readonly #taken = new Set<string>();
  /** The last number given to a name. */
  readonly #numbers = new Map<string, number>();

  /** @param ending goes behind the number: `.png` */
  take(stem: string, ending = ''): string {
    const key = fold(stem + ending);
    let number = this.#numbers.get(key) ?? 1;
    let name = stem + ending;
    while (this.#taken.has(fold(name))) name = `${stem}_${++number}${ending}`;
    this.#numbers.set(key, number);
    this.#taken.add(fold(name));
    return name;
  }
}

/** Two names with the same fold may be one file on macOS or Windows. */
const fold = (name: string): string => name.toUpperCase().toLowerCase().normalize('NFC');
