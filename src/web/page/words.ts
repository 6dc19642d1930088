/** A phrase of the library as a sentence: with a capital letter in front and a full stop behind. */
export function asSentence(phrase: string): string {
  const text = phrase.trim();
  if (text === '') return '';
  return `${text[0]!.toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;
}
