/** Small pictures of some points. */
export interface MapPictures {
  /** side·side·3 bytes RGB each, row by row. */
  readonly pixels: Uint8Array;
  /** Side of each, in pixels. */
  readonly side: number;
  /** Which point each is of. */
  readonly points: Int32Array;
}

/** Pictures laid side by side on one square sheet. */
export interface Atlas {
  /** Bytes RGBA, row by row. */
  readonly sheet: Uint8Array<ArrayBuffer>;
  /** Side of the sheet, in pixels. */
  readonly side: number;
  /** Pictures in a row. */
  readonly columns: number;
}

/** Lays pictures on a sheet, in their order, row by row. */
export function atlasOf({ pixels, side, points }: MapPictures): Atlas {
  const columns = Math.max(1, Math.ceil(Math.sqrt(points.length)));
  const row = columns * side;
  const sheet = new Uint8Array(4 * row * row).fill(255);
  for (let tile = 0; tile < points.length; tile++) {
    const [left, top] = [side * (tile % columns), side * Math.floor(tile / columns)];
    for (let pixel = 0; pixel < side * side; pixel++) {
      const from = 3 * (tile * side * side + pixel);
      const to = 4 * ((top + Math.floor(pixel / side)) * row + left + (pixel % side));
      for (let channel = 0; channel < 3; channel++) sheet[to + channel] = pixels[from + channel]!;
    }
  }
  return { sheet, side: row, columns };
}
