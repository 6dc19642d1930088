import type { Engine } from '../../autograd/engine.ts';
import { requireOwnEncoder } from '../../label/files/run_files.ts';
import type { Start } from '../../label/scan/start.ts';
import { openEngine } from '../engine.ts';
import { adapterSpeed } from '../plan/speed_cache.ts';
import { networkOptions } from '../plan/training_plan.ts';
import type { JobContext } from '../reporter.ts';
import { settingsOfRun } from '../run/config.ts';
import { continueRun } from '../run/continue.ts';
import { chooseFolder, claimNewFolder, lockRun } from '../run/folder.ts';
import { readTraining } from '../run/read_run.ts';
import { type LabelSettings, labelSettings } from '../settings/jobs.ts';
import { resolveSettings } from '../settings/resolve.ts';
import { openLabelled, openStarts, readLabelRequest } from './label_request.ts';
import { describeTask, labelAndSave, requireLabellingMethod } from './labelling.ts';
import type { Interrupted, LabelledRun } from './outcome.ts';

/**
 * Labels the images of an earlier run again, from its pretext encoder: with more labels, another target error, or other
 * methods; into the run's folder or a new one. An abort leaves everything as it was.
 * @param extra `parquet`: whether labels.parquet is written beside labels.csv
 * @throws UserError for input that is wrong, with nothing written
 */
export async function labelRun(
  given: LabelSettings,
  context: JobContext,
  { parquet = false }: { readonly parquet?: boolean } = {},
): Promise<LabelledRun | Interrupted> {
  const { files, reporter } = context;
  const settings = resolveSettings(labelSettings, given);
  requireLabellingMethod(settings);
  const { run, out } = settings;
  const request = await readLabelRequest(context, settings);
  const { config, groups, data, seed } = request;
  const chosen = out === undefined ? undefined : await chooseFolder(context, { out });
  const inPlace = chosen ? undefined : await lockRun(context, run);
  let claimed: Awaited<ReturnType<typeof claimNewFolder>> | undefined;
  let engine: Engine | undefined;
  try {
    engine = await openEngine(context, settings);
    const images = await openLabelled(context, engine, settings, request);
    reporter.note(describeTask(images.task));
    reporter.stoppable('nothing is written');
    const { atHand = (start: Start) => start } = context;
    const starts = (await openStarts(context, images, request)).map(atHand);
    const folder = chosen?.path ?? run;
    const origins = starts.map((start) => start.origin);
    await requireOwnEncoder({ files, folder }, origins);
    const labelled = await labelAndSave(context, settings, {
      ...images,
      folder,
      parquet,
      starts: starts as [Start, ...Start[]],
      ...networkOptions({ ...config.options, policy: settingsOfRun(config).policy, seed }, config.settings),
      speed: config.speed ?? (await adapterSpeed(engine, reporter)),
      seed,
      training: await readTraining(files, run),
      beforeWriting: async () => {
        if (chosen) claimed = await claimNewFolder(context, chosen, 'label');
        await continueRun(context, run, folder, { ...data, ...(groups !== undefined && { groups }) }, images);
      },
    });
    return labelled ?? { interrupted: true, folder };
  } finally {
    engine?.destroy();
    await (inPlace ?? claimed?.lock)?.release();
  }
}
