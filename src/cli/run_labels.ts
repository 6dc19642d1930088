import { platform } from '#platform';
import { type ImageSource, openSource } from '../data/source.ts';
import { UserError } from '../errors.ts';
import type { ImageLabel } from '../label/image_label.ts';
import { readLabelsCsv } from '../label/labels_csv.ts';
import { sourceKind } from './plan.ts';
import type { StoredRun } from './run_folder.ts';

/** Reads a run's labels. @throws UserError where it has none */
export async function readRunLabels(run: string): Promise<ImageLabel[]> {
  const { files } = platform;
  const path = files.join(run, 'labels.csv');
  if ((await files.stat(path))?.kind !== 'file') {
    throw new UserError(
      `--run ${run} holds no labels.csv: name the folder of a run of train or label that has ended`,
    );
  }
  return readLabelsCsv(new TextDecoder().decode(await files.read(path)), path);
}

/**
 * Opens a set that has no image files: one of binary files, or the demo. It holds the run's images, at their own size, and
 * perhaps more: a run without --limit takes as many as its adapter has time for.
 * @param paths of the run's images; the demo draws as many as it is asked for
 */
export function openRecords(
  { data, seed, limit, testLimit }: StoredRun['options'],
  paths: readonly string[],
): Promise<ImageSource> {
  const drawn = paths.reduce((most, path) => Math.max(most, 1 + Number(path.match(/\d+$/)?.[0] ?? 0)), 1);
  return openSource(data, {
    files: platform.files,
    seed,
    limit: limit ?? (sourceKind(data) === 'demo' ? drawn : undefined),
    testLimit,
  });
}
