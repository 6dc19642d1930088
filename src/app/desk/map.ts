import { embeddingMap, mapSize } from '../../label/findings/embedding_map.ts';
import { allRows } from '../../numerics/linear_algebra.ts';
import { alignPlane } from '../../numerics/procrustes.ts';
import { chooseAscending, Random, streams } from '../../random.ts';

/** The images on a live map, ascending: all, or as many as can be laid out while an epoch lasts, the same each time. */
export function liveSample(images: number): Int32Array {
  return Int32Array.from(chooseAscending(images, mapSize, new Random(0, streams.map)));
}

/** Where images lie on a map: x and y of each of `images`. */
export interface LaidOut {
  /** Their numbers. */
  readonly images: Int32Array;
  /** x and y of each, −1 … 1. */
  readonly points: Float32Array;
}

/**
 * Lays rows of features out in the plane (see `embeddingMap`), turned so that points stay near where they were.
 * @param values rows × `columns`, row-major; not more rows than a map takes
 * @param images what the rows are of
 * @param before where images lay last
 * @throws UserError for features that are not finite
 */
export function layOut(
  images: Int32Array,
  values: Float32Array,
  columns: number,
  before: LaidOut | undefined,
): LaidOut {
  const place = new Map(Array.from(before?.images ?? [], (image, at) => [image, at]));
  const onto = Float32Array.from({ length: 2 * images.length }, (_, i) => {
    const at = place.get(images[i >> 1]!);
    return at === undefined ? Number.NaN : before!.points[2 * at + (i % 2)]!;
  });
  const isKnown = before !== undefined && onto.every((value) => !Number.isNaN(value));
  const rows = allRows(values.length / columns);
  const points = embeddingMap(values, columns, rows, 0, isKnown ? onto : undefined);
  const flat = Float32Array.from(points.flatMap(({ x, y }) => [x, y]));
  if (!before) return { images, points: flat };
  const aligned = alignPlane(flat, onto);
  // A turned square reaches beyond its place.
  const reach = aligned.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return { images, points: Float32Array.from(aligned, (value) => value / reach) };
}
