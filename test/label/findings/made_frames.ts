import type { Random } from '../../../src/random.ts';

/** Grey levels of a thumbnail. */
export const area = 256;
export const columns = 8;

/** A picture of 64·64 grey levels: its level at a place. */
export type Picture = (x: number, y: number) => number;

/** What images are looked for copies among, drawn from pictures: each pixel of a thumbnail is the mean of four places. */
export function framesOf(pictures: readonly Picture[], given?: readonly number[]) {
  const thumbnails = new Uint8Array(pictures.length * area);
  const features = new Float32Array(pictures.length * columns);
  pictures.forEach((picture, image) => {
    for (let at = 0; at < area; at++) {
      const [x, y] = [4 * (at % 16) + 1, 4 * Math.floor(at / 16) + 1];
      const levels = [picture(x, y), picture(x + 2, y), picture(x, y + 2), picture(x + 2, y + 2)];
      const level = levels.reduce((sum, value) => sum + Math.max(0, Math.min(255, value)) / 4, 0);
      thumbnails[image * area + at] = Math.round(level);
      // An encoder that sees little: mean levels of eight parts of the picture.
      const part = 4 * Math.floor(at / 128) + (Math.floor(at / 4) % 4);
      features[image * columns + part]! += level / 32;
    }
  });
  return {
    features,
    columns,
    thumbnails,
    sameAs: Int32Array.from(pictures, (_, image) => image),
    given: Int32Array.from(given ?? pictures.map(() => -1)),
    seed: 0,
  };
}

/** A scene without end: waves of all directions whose length is from a quarter of the picture on. */
export function scene(random: Random, contrast = 14, count = 24): Picture {
  const waves = Array.from({ length: count }, () => {
    const [angle, rate, phase] = [random.next() * 7, 0.05 + random.next() * 0.35, random.next() * 7];
    return [rate * Math.cos(angle), rate * Math.sin(angle), phase] as const;
  });
  return (x, y) =>
    waves.reduce((level, [a, b, phase]) => level + contrast * Math.sin(a * x + b * y + phase), 128);
}

/** The picture a moment later: shifted by up to so many of 64 pixels, ±5% brighter, with noise. */
export function later(picture: Picture, random: Random, shift: number): Picture {
  const [right, down] = [shift * (2 * random.next() - 1), shift * (2 * random.next() - 1)];
  const gain = 0.95 + 0.1 * random.next();
  return (x, y) => gain * picture(x + right, y + down) + 7 * (random.next() - 0.5);
}

/** A bright disc, square or triangle of any size and turn on a black ground, anywhere. */
export function shape(kind: number, random: Random): Picture {
  const [cx, cy, turn] = [16 + 32 * random.next(), 16 + 32 * random.next(), 7 * random.next()];
  const radius = 5 + 11 * random.next();
  const corners = [Infinity, 4, 3][kind % 3]!;
  return (x, y) => {
    const [dx, dy] = [x - cx, y - cy];
    const around = (Math.atan2(dy, dx) + 2 * Math.PI + turn) % ((2 * Math.PI) / corners);
    const edge =
      corners === Infinity
        ? radius
        : (radius * Math.cos(Math.PI / corners)) / Math.cos(around - Math.PI / corners);
    return 127 * Math.max(0, Math.min(2, 1 + Math.abs(edge) - Math.hypot(dx, dy)));
  };
}
