import type { OpenedImages } from '../inputs/open_images.ts';
import type { JobContext } from '../reporter.ts';
import type { LabellingSettings } from '../settings/common.ts';
import type { DataSettings } from '../settings/data.ts';
import { changeConfig } from './config.ts';
import { findPretext } from './read_run.ts';

/**
 * Makes the folder of a job that goes on from an earlier run, which may be the run's own: with that run's config.json, but
 * for what the images are, its pretext encoder and its metrics, so that later jobs can go on from there.
 */
export async function continueRun(
  context: JobContext,
  run: string,
  folder: string,
  data: DataSettings & Pick<LabellingSettings, 'groups'>,
  { stream, fingerprint, unreadable }: Pick<OpenedImages, 'stream' | 'fingerprint' | 'unreadable'>,
): Promise<void> {
  const { files, command, versions } = context;
  const inPlace = run === folder;
  await files.makeFolder(folder);
  // The encoder that labels will take the place of a pretext run's encoder.safetensors.
  const pretext = await findPretext(files, run);
  const copy = files.join(folder, 'pretext.safetensors');
  if (pretext !== undefined && pretext !== copy) await files.writeAtomic(copy, await files.read(pretext));
  // What an audit has come to follows the run: another folder is no way to a fresh one.
  for (const name of inPlace ? [] : ['metrics.jsonl', 'audit.json', 'audit.csv']) {
    const path = files.join(run, name);
    if ((await files.stat(path))?.kind !== 'file') continue;
    await files.writeAtomic(files.join(folder, name), await files.read(path));
  }
  await changeConfig(context, run, folder, (config) => ({
    ...(!inPlace && { command: [...command], versions: { ...versions } }),
    options: { ...config.options, ...data, ...(stream.range !== undefined && { range: stream.range }) },
    data: { description: stream.description, fingerprint, unreadable: [...unreadable], keepsLabelled: true },
  }));
}
