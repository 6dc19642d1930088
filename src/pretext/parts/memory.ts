import type { Initialiser } from '../../autograd/parameters.ts';
import { heNormal } from '../../nn/initialise.ts';
import type { ModelContext } from '../../nn/layers.ts';
import type { Bank } from '../../ops/pretext/memory.ts';
import { type Curve, featureCurves, lossCurve, neighboursLine } from '../method.ts';

// What methods share that tell an image from rows of a memory.

/** Rows of length one, uniform over all directions. */
export const randomRows =
  (seed: number, name: string): Initialiser =>
  (shape) => {
    const columns = shape[1]!;
    const rows = heNormal(seed, name, 1)(shape);
    for (let start = 0; start < rows.length; start += columns) {
      const row = rows.subarray(start, start + columns);
      const length = Math.hypot(...row);
      row.forEach((value, k) => {
        row[k] = value / length;
      });
    }
    return rows;
  };

/** What every WebGPU adapter binds at once. */
const partBytes = 2 ** 27;

/**
 * Declares a bank with a row for each image, each a random direction: `bank.rows0`, `bank.rows1`, … of at most 128 MiB each.
 * @param bytes of a part at most
 */
export function randomBank(
  { parameters, seed }: ModelContext,
  images: number,
  columns: number,
  bytes = partBytes,
): Bank {
  const rowsOfPart = Math.floor(bytes / (4 * columns));
  const parts = Array.from({ length: Math.ceil(images / rowsOfPart) }, (_, p) => {
    const rows = Math.min(rowsOfPart, images - p * rowsOfPart);
    const name = `bank.rows${p}`;
    return parameters.buffer(name, [rows, columns], randomRows(seed, name));
  });
  return { parts, rowsOfPart, total: images, columns };
}

/**
 * What the figures are to people.
 * @param found what should be found first
 * @param rows of the memory, by the method's settings
 */
export const memoryFigures = (
  found: string,
  rows: (settings: Readonly<Record<string, unknown>>) => number,
) => ({
  metrics: [
    {
      name: 'contrastiveTop1',
      term: 'contrastive top-1',
      label: found,
      unit: 'share',
      chance: (settings: Readonly<Record<string, unknown>>) => 1 / (1 + rows(settings)),
      meaning: 'the share of images that are nearer to what belongs to them than to every row of the memory',
    },
    {
      name: 'positiveSimilarity',
      label: 'similarity of what belongs together',
      meaning:
        'the mean cosine similarity of what belongs to one image, 1 where the encoder makes no difference',
    },
  ] as const,
  curves: [
    lossCurve,
    {
      title: 'Named rightly',
      unit: 'share',
      lines: [{ of: 'contrastiveTop1', name: found }, neighboursLine],
    },
    ...featureCurves,
  ] as readonly Curve[],
});
