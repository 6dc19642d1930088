import shader from '#shaders/ranks.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';

/** Which rows of all ranks' views are a rank's own. */
export interface OwnRows {
  /** Views of an image. */
  readonly views: number;
  /** Rows of a view on one rank. */
  readonly rows: number;
  /** Elements of a row. */
  readonly columns: number;
  /** The rank's number. */
  readonly rank: number;
  /** How many ranks there are. */
  readonly ranks: number;
}

/** Copies a rank's own rows [views·rows, columns] out of those of all [views·ranks·rows, columns]. */
export function ownRows({ views, rows, columns, rank, ranks }: OwnRows): Launch {
  const block = rows * columns;
  const params = { count: views * block, block, whole: ranks * block, first: rank * block };
  return { shader, entry: 'own_rows', params, grid: linearGrid(Math.ceil(params.count / 64)) };
}
