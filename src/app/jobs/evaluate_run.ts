import { folderLabels } from '../../data/labels/class_numbers.ts';
import { isAnswered, noneOfTheseText } from '../../data/labels/none_of_these.ts';
import type { Labels } from '../../data/sources/image_stream.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { type Evaluation, evaluateLabels, readTruth } from '../../label/confidence/evaluation.ts';
import type { ImageLabel } from '../../label/image_label.ts';
import { sourceKind } from '../inputs/image_source_kind.ts';
import { readText } from '../inputs/read_text.ts';
import { openRunImages, readRunLabels } from '../inputs/run_labels.ts';
import type { JobContext } from '../reporter.ts';
import { readConfig } from '../run/config.ts';
import { type EvaluateSettings, evaluateSettings } from '../settings/jobs.ts';
import { resolveSettings } from '../settings/resolve.ts';

/**
 * Scores the labels that a run predicted against the truth, which the run did not see; writes nothing.
 * @throws UserError where the run has no labels, or the truth does not fit them
 */
export async function evaluateRun(given: EvaluateSettings, context: JobContext): Promise<Evaluation> {
  const { run, truth, data } = resolveSettings(evaluateSettings, given);
  const labels = await readRunLabels(context, run);
  return evaluateLabels(labels, await truthOf(context, { run, truth, data }, labels));
}

/** Classes by path. @throws UserError where there are none */
async function truthOf(
  context: JobContext,
  { run, truth, data }: { run: string; truth: string; data: string | undefined },
  labels: readonly ImageLabel[],
): Promise<Map<string, string>> {
  const { files } = context;
  const paths = labels.map(({ path }) => path);
  const classes = labels.map(({ label }) => label);
  if (truth === 'folders') return byPath(paths, folderLabels({ name: run, paths }));
  if (truth === 'own') {
    const { options, settings } = await readConfig(context, run);
    const place = data ?? options.data;
    if (sourceKind(place) === 'folder') {
      throw new UserError(
        sentence`${place} is a folder of images, without labels of its own: give ${named('truth', 'FILE.csv')} or ${named('truth', 'folders')}`,
      );
    }
    const source = await openRunImages(files, { ...options, data: place }, settings.imageSize);
    return byPath(source.paths, source);
  }
  if ((await files.stat(truth))?.kind !== 'file') {
    throw new UserError(
      sentence`${named('truth', truth)} is no file: give a CSV file with the header path,label, 'folders' or 'own'`,
    );
  }
  const known = new Set([...paths, ...classes]);
  const text = await readText(context, truth, (cell) => known.has(cell));
  return readTruth(text, paths, truth, (note) => context.reporter.note(`truth: ${note}`));
}

function byPath(paths: readonly string[], { classes, labels }: Labels): Map<string, string> {
  return new Map(
    paths.flatMap((path, image) =>
      isAnswered(labels[image]!) ? [[path, classes[labels[image]!] ?? noneOfTheseText] as const] : [],
    ),
  );
}
