import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { platform } from '#platform';
import { type Status, statuses } from '../data/labels/status.ts';
import { UserError } from '../errors.ts';
import { terminal } from '../platform/node_terminal.ts';
import type { ExportFormat } from './export_context.ts';
import { labelFormats } from './export_labels.ts';
import { modelFormats } from './export_model.ts';
import { addTuneOptions, type TuneOptions } from './options.ts';
import { readStoredRun } from './run_folder.ts';

/** What a run can be turned into, by the names that `--format` takes. */
const formats: Readonly<Record<string, ExportFormat>> = { ...labelFormats, ...modelFormats };

interface ExportOptions extends TuneOptions {
  readonly run: string;
  readonly format: readonly string[];
  readonly out: string;
  readonly statuses?: readonly Status[];
  readonly copy: boolean;
  readonly data?: string;
}

export function registerExport(program: Command): void {
  const command = program
    .command('export')
    .description('labels or model of an earlier run in other formats, in a new folder')
    .requiredOption('--run <folder>', "the earlier run's folder")
    .requiredOption(
      '--format <names>',
      `one or several of ${Object.keys(formats).join(', ')}`,
      chosen(Object.keys(formats)),
    )
    .requiredOption('--out <folder>', 'the folder to make')
    .option(
      '--statuses <names>',
      `only labels of these: ${statuses.join(', ')} (default: given,auto for imagefolder and coco, all for others)`,
      chosen(statuses),
    )
    .option('--copy', 'imagefolder: copies of the images instead of links to them', false)
    .option('--data <source>', "where the run's images are now (default: where they were)");
  addTuneOptions(command).action(run);
}

/** A parser for a list of names. */
function chosen<Name extends string>(names: readonly Name[]) {
  return (text: string): Name[] => {
    const parts = new Set(text.split(',').map((part) => part.trim()));
    const wrong = [...parts].find((part) => !(names as readonly string[]).includes(part));
    if (wrong === undefined) return names.filter((name) => parts.has(name));
    throw new InvalidArgumentError(`'${wrong}' is none of ${names.join(', ')}`);
  };
}

async function run(options: ExportOptions): Promise<void> {
  // The only one that runs kernels.
  if (options.tune && !options.format.includes('features'))
    throw new UserError('--tune times kernels, which only --format features runs: leave --tune out');
  const stored = await readStoredRun(options.run);
  const data = { ...stored.options, data: options.data ?? stored.options.data };
  const made: string[] = [];
  await exporting(options.out, () =>
    platform.files.writeFolder(options.out, async (folder) => {
      for (const name of options.format) {
        made.push(
          await formats[name]!({
            run: options.run,
            data,
            imageSize: stored.settings.imageSize,
            folder,
            statuses: options.statuses,
            copy: options.copy,
            tuning: options,
          }),
        );
      }
    }),
  );
  terminal.note(`saved in ${options.out}: ${made.join(', ')}`);
}

/** What the system refuses about the folder becomes a sentence. */
async function exporting(out: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error) || !('syscall' in error)) throw error;
    // Node's messages go on with the call and the temporary name.
    throw new UserError(
      `--out ${out} cannot be written (${error.message.split(',')[0]}): name another place`,
    );
  }
}
