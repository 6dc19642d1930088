import type { Status } from '../data/labels/status.ts';
import type { NewFolder } from '../platform/platform.ts';
import type { TuneOptions } from './options.ts';
import type { StoredRun } from './run_folder.ts';

/** What an export is made of, and where it goes. */
export interface ExportContext {
  /** The run's folder. */
  readonly run: string;
  /** The run's options, with `data` where the images are now. */
  readonly data: StoredRun['options'];
  /** Side of the images that the run's network sees, in pixels. */
  readonly imageSize: number;
  /** What is made; it appears under its name when all of it is there. */
  readonly folder: NewFolder;
  /** Labels of these statuses only; undefined where the user left it to the format. */
  readonly statuses: readonly Status[] | undefined;
  /** Copies of images instead of links. */
  readonly copy: boolean;
  readonly tuning: TuneOptions;
}

/**
 * Makes one export.
 * @returns what was made, for the user: names of files and how many entries they have
 * @throws UserError where the run lacks what it needs
 */
export type ExportFormat = (context: ExportContext) => Promise<string>;
