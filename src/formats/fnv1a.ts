/** What a hash of nothing is. */
const start = 0x811c9dc5;
const prime = 0x01000193;

/** The 32-bit FNV-1a hash (Fowler, Noll & Vo) of whole numbers, taken as one step each. @param hash to go on from */
export function fnv1a(values: ArrayLike<number>, hash = start): number {
  let value = hash;
  for (let at = 0; at < values.length; at++) value = Math.imul(value ^ values[at]!, prime);
  return value >>> 0;
}

/** As `fnv1a`, of a text's UTF-16 units. */
export function fnv1aOfText(text: string, hash = start): number {
  let value = hash;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), prime);
  return value >>> 0;
}
