/**
 * Rows as lines of aligned columns, the first to the left, the others to the right.
 * @param rows of as many cells each, the header first
 */
export function alignedTable(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(oneLine));
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

const longestCell = 40;

/** Names are the user's: no line break or escape of theirs reaches the terminal. */
function oneLine(text: string): string {
  const line = text.replace(/\p{Cc}/gu, '\ufffd');
  return line.length > longestCell ? `${line.slice(0, longestCell - 1)}…` : line;
}
