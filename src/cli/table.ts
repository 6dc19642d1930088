/**
 * Rows as lines of aligned columns, the first to the left, the others to the right.
 * @param rows of as many cells each, the header first
 */
export function alignedTable(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(oneLine));
  return aligned(cells, (cell, width, column) => (column === 0 ? cell.padEnd(width) : cell.padStart(width)));
}

/** Rows of cells as lines of columns of one width, by default to the left. */
export function aligned(
  rows: readonly (readonly string[])[],
  pad = (cell: string, width: number, _column: number) => cell.padEnd(width),
): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column]!, column))
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
