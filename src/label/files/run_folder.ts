import type { Files } from '../../platform/platform.ts';

/** Where a run's files go. */
export interface RunFolder {
  /** Where the folder lies. */
  readonly files: Files;
  /** The folder's path. */
  readonly folder: string;
}
