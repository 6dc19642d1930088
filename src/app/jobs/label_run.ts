import type { Engine } from '../../autograd/engine.ts';
import { requireSource } from '../../data/sources/open_stream.ts';
import { requireOwnEncoder } from '../../label/files/run_files.ts';
import { encoderOrigin, encoderStart } from '../../label/scan/encoder_scan.ts';
import type { Start } from '../../label/scan/start.ts';
import type { GivenSettings } from '../../setting.ts';
import { openEngine } from '../engine.ts';
import { givenStarts, readGivenStarts, requireStart } from '../inputs/given_starts.ts';
import { groupSource } from '../inputs/group_source.ts';
import { requireLabels, requireLabelsFile } from '../inputs/known_labels.ts';
import { openImages } from '../inputs/open_images.ts';
import { adapterSpeed } from '../plan/speed_cache.ts';
import { networkOptions } from '../plan/training_plan.ts';
import type { JobContext } from '../reporter.ts';
import { readConfig, settingsOfRun } from '../run/config.ts';
import { continueRun } from '../run/continue.ts';
import { chooseFolder, claimNewFolder, lockRun } from '../run/folder.ts';
import { hasGiven, readGiven, readRunPretext, readTraining } from '../run/read_run.ts';
import { startSettings } from '../settings/common.ts';
import type { DataSettings } from '../settings/data.ts';
import { type KeptSettings, type LabelSettings, labelSettings } from '../settings/jobs.ts';
import { givenOf, resolveSettings } from '../settings/resolve.ts';
import { describeTask, labelAndSave, requireLabellingMethod } from './labelling.ts';
import type { Interrupted, LabelledRun } from './outcome.ts';

/**
 * Labels the images of an earlier run again, from its pretext encoder: with more labels, another target error, or other
 * methods; into the run's folder or a new one. An abort leaves everything as it was.
 * @throws UserError for input that is wrong, with nothing written
 */
export async function labelRun(
  given: LabelSettings,
  context: JobContext,
): Promise<LabelledRun | Interrupted> {
  const { files, reporter } = context;
  const settings = resolveSettings(labelSettings, given);
  requireLabellingMethod(settings);
  const { run, out } = settings;
  const config = await readConfig(context, run);
  const groups = settings.groups ?? config.options.groups;
  if (groups !== undefined) groupSource(groups);
  const pretext = await readRunPretext(files, run, config.options);
  const fromUser = await readGivenStarts(context, startsOf(config.options, settings), {
    download: settings.download,
    recorded: config.hub,
  });
  requireStart(fromUser, pretext !== undefined);
  const labelledBefore = await hasGiven(files, run);
  const data = dataOf(config.options, settings, labelledBefore);
  // Once labels were given, the file that they first came from may be gone.
  await requireLabelsFile(context, labelledBefore ? settings.labels : data.labels);
  if (!labelledBefore) requireLabels(data);
  await requireSource(data.data, files);
  const seed = settings.seed ?? data.seed;
  const { imageSize } = config.settings;
  const chosen = out === undefined ? undefined : await chooseFolder(context, { out });
  const inPlace = chosen ? undefined : await lockRun(context, run);
  let claimed: Awaited<ReturnType<typeof claimNewFolder>> | undefined;
  let engine: Engine | undefined;
  try {
    engine = await openEngine(context, settings);
    const images = await openImages(context, engine, data, {
      imageSize,
      poolLimit: config.limits.pool,
      heldOutLimit: config.limits.heldOut,
      draws: settings.draws,
      labelsRequired: true,
      labelSeed: seed,
      earlier: (stream) => readGiven(files, run, stream),
      added: settings.labels,
      drawAnew: settings.labelsPerClass !== undefined,
      groups: { groups, data: data.data, labels: [config.options.labels, settings.labels], run },
    });
    reporter.note(describeTask(images.task));
    reporter.stoppable('nothing is written');
    const { engine: device } = images;
    const origin = pretext && encoderOrigin(pretext.name, pretext, imageSize);
    const { atHand = (start: Start) => start } = context;
    const starts = [
      ...(await givenStarts(context, fromUser, images, { ...data, seed })),
      ...(pretext && origin ? [encoderStart(device, origin, pretext.learnedFromLabels)] : []),
    ].map(atHand);
    const folder = chosen?.path ?? run;
    const origins = starts.map((start) => start.origin);
    await requireOwnEncoder({ files, folder }, origins);
    const labelled = await labelAndSave(context, settings, {
      ...images,
      folder,
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

/** What the run started from beside its pretext task, as far as the user does not say otherwise. */
function startsOf(run: KeptSettings, settings: LabelSettings): GivenSettings<typeof startSettings> {
  const kept = givenOf(startSettings, run);
  const wanted = givenOf(startSettings, settings);
  // What another encoder's file does not say, the run cannot know.
  const { encoderConfig: _, ...others } = kept;
  return { ...(wanted.encoder === undefined ? kept : others), ...wanted };
}

/** The run's settings about its images, as far as the user does not say otherwise. */
function dataOf(run: KeptSettings, settings: LabelSettings, labelledBefore: boolean): DataSettings {
  const { data, seed, limit, testLimit, range, fit } = run;
  // What is added to labels given before says nothing about those that were hidden then.
  const keeps = settings.labels === undefined || (labelledBefore && settings.labelsPerClass === undefined);
  const labels = keeps ? (run.labels ?? settings.labels) : settings.labels;
  const perClass = settings.labelsPerClass ?? (keeps ? run.labelsPerClass : undefined);
  return {
    data: settings.data ?? data,
    seed,
    limit,
    testLimit,
    doubtfulLabels: settings.doubtfulLabels ?? 'ask',
    range,
    fit,
    ...(labels !== undefined && { labels }),
    ...(perClass !== undefined && { labelsPerClass: perClass }),
  };
}
