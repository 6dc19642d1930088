import { named, sentence, UserError } from '../../errors.ts';
import type { ExportFormat } from '../exports/context.ts';
import type { FormatName } from '../exports/format_names.ts';
import { labelFormats } from '../exports/label_formats.ts';
import { modelFormats } from '../exports/model_formats.ts';
import type { JobContext } from '../reporter.ts';
import { readConfig } from '../run/config.ts';
import { writing } from '../run/folder.ts';
import { type ExportSettings, exportSettings } from '../settings/jobs.ts';
import { resolveSettings } from '../settings/resolve.ts';

const formats: Readonly<Record<FormatName, ExportFormat>> = { ...labelFormats, ...modelFormats };

/** What an export made. */
export interface ExportOutcome {
  /** Path of the folder that was made. */
  readonly folder: string;
  /** What lies in it, in words: names of files and how many entries they have. */
  readonly made: readonly string[];
}

/**
 * Brings labels or model of an earlier run into other formats, in a new folder that appears when all of it is there.
 * @throws UserError where the run lacks what a format needs or the folder cannot be made; nothing is left of it then
 */
export async function exportRun(given: ExportSettings, context: JobContext): Promise<ExportOutcome> {
  const settings = resolveSettings(exportSettings, given);
  const { run, out, format, statuses, copy } = settings;
  // The only one that runs kernels.
  if (settings.tune && !format.includes('features'))
    throw new UserError(
      sentence`${named('tune')} times kernels, which only ${named('format', 'features')} runs: leave ${named('tune')} out`,
    );
  const config = await readConfig(context, run);
  const data = { ...config.options, data: settings.data ?? config.options.data };
  const { imageSize } = config.settings;
  const made: string[] = [];
  await writing(sentence`${named('out', out)}`, () =>
    context.files.writeFolder(out, async (folder) => {
      for (const name of format) {
        const request = { job: context, run, data, imageSize, folder, statuses, copy, tuning: settings };
        made.push(await formats[name](request));
      }
    }),
  );
  return { folder: out, made };
}
