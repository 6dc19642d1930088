/**
 * A signed distance to an outline (or a bound near it): negative inside, in units in which the figure's half width is
 * about 1. `thickness` in [0, 1] varies what a class leaves open, from slim to stout.
 * The distances follow Quilez, '2D distance functions', https://iquilezles.org/articles/distfunctions2d/.
 */
export type Shape = (x: number, y: number, thickness: number) => number;

/** A circle with a hole. */
export const ring: Shape = (x, y, thickness) => {
  const width = 0.16 + 0.1 * thickness;
  return Math.abs(Math.sqrt(x * x + y * y) - 0.95 + width) - width;
};

/** Three equal sides. */
export const triangle: Shape = (x, y) => Math.max(Math.abs(x) * 0.866 + y * 0.5, -y) - 0.52;

/** Two bars that cross. */
export const cross: Shape = (x, y, thickness) => {
  const width = 0.2 + 0.12 * thickness;
  const [long, short] = Math.abs(x) > Math.abs(y) ? [Math.abs(x), Math.abs(y)] : [Math.abs(y), Math.abs(x)];
  return Math.max(long - 1, short - width);
};

/** Five points. */
export const star: Shape = (x, y, thickness) => {
  const sector = (2 * Math.PI) / 5;
  const radius = Math.sqrt(x * x + y * y);
  const turned = Math.atan2(x, y) / sector;
  const angle = (turned - Math.round(turned)) * sector;
  // The edge from the tip (angle 0, radius 1) to the notch (angle π/5).
  const notch = 0.4 + 0.12 * thickness;
  const notchX = notch * Math.sin(sector / 2);
  const notchY = notch * Math.cos(sector / 2);
  const length = Math.sqrt(notchX * notchX + (1.05 - notchY) ** 2);
  const px = radius * Math.sin(Math.abs(angle));
  const py = radius * Math.cos(angle);
  return (px * (1.05 - notchY) + (py - 1.05) * notchX) / length;
};

/** A disc with a bite out of its right. */
export const crescent: Shape = (x, y, thickness) => {
  const shift = 0.5 + 0.2 * (1 - thickness);
  const outer = Math.sqrt(x * x + y * y) - 0.95;
  const inner = Math.sqrt((x - shift) ** 2 + y * y) - 0.8;
  return Math.max(outer, -inner);
};

/** A line that runs up and down. */
export const zigzag: Shape = (x, y, thickness) => {
  const u = x * 1.05 + 0.25;
  const wave = Math.abs(u - Math.round(u)) * 4 - 1;
  return Math.max(Math.abs(x) - 1, (Math.abs(y - 0.45 * wave) - 0.3 - 0.15 * thickness) * 0.5);
};
