import type { RankLink } from '../platform/platform.ts';

/** How processes that train one model together, each on an equal share of every batch, do so. */
export interface Ranks {
  /** The way to the others. */
  readonly link: RankLink;
  /** Whose rows batch norm takes its statistics of in training: all ranks', or each rank's own. */
  readonly norm: 'global' | 'local';
  /** What gradients are sent as. */
  readonly wire: 'f32' | 'f16';
}
