import type { Status } from '../../data/labels/status.ts';
import type { NewFolder } from '../../platform/platform.ts';
import type { JobContext } from '../reporter.ts';
import type { TuningSettings } from '../settings/common.ts';
import type { KeptSettings } from '../settings/jobs.ts';

/** What an export is made of, and where it goes. */
export interface ExportContext {
  /** What the export job works with. */
  readonly job: JobContext;
  /** The run's folder. */
  readonly run: string;
  /** The run's settings, with `data` where the images are now. */
  readonly data: KeptSettings;
  /** Side of the images that the run's network sees, in pixels. */
  readonly imageSize: number;
  /** What is made; it appears under its name when all of it is there. */
  readonly folder: NewFolder;
  /** Labels of these statuses only; undefined where the user left it to the format. */
  readonly statuses: readonly Status[] | undefined;
  /** Copies of images instead of links. */
  readonly copy: boolean;
  /** How long kernels may be timed, for what runs some. */
  readonly tuning: TuningSettings;
}

/**
 * Makes one export.
 * @returns what was made, for the user: names of files and how many entries they have
 * @throws UserError where the run lacks what it needs
 */
export type ExportFormat = (context: ExportContext) => Promise<string>;
