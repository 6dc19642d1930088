/** A cell as a message shows it: in one line, and of a length to be read. */
export function shown(cell: string): string {
  const letters = [...cell.replace(/\s+/g, ' ')];
  return letters.length > 120 ? `${letters.slice(0, 117).join('')}…` : letters.join('');
}
