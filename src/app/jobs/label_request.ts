import type { Engine } from '../../autograd/engine.ts';
import { requireSource } from '../../data/sources/open_stream.ts';
import { encoderOrigin, encoderStart } from '../../label/scan/encoder_scan.ts';
import type { Start } from '../../label/scan/start.ts';
import type { GivenSettings, SettingsOf } from '../../setting.ts';
import { type GivenStarts, givenStarts, readGivenStarts, requireStart } from '../inputs/given_starts.ts';
import { groupSource } from '../inputs/group_source.ts';
import { requireLabels, requireLabelsFile } from '../inputs/known_labels.ts';
import { type OpenedImages, openImages } from '../inputs/open_images.ts';
import type { JobContext } from '../reporter.ts';
import { type RunConfig, readConfig } from '../run/config.ts';
import { hasGiven, type NamedWeights, readGiven, readRunPretext } from '../run/read_run.ts';
import { startSettings } from '../settings/common.ts';
import type { DataSettings } from '../settings/data.ts';
import type { KeptSettings, LabelSettings, labelSettings } from '../settings/jobs.ts';
import { givenOf } from '../settings/resolve.ts';

/** The settings of a labelling, with defaults filled in. */
type Resolved = SettingsOf<typeof labelSettings>;

/** What an earlier run and the user's settings say of a labelling, before a device is opened. */
export interface LabelRequest {
  /** The run's folder. */
  readonly run: string;
  /** The run's config.json. */
  readonly config: RunConfig;
  /** Which images count as one observation, as the setting has it. */
  readonly groups: string | undefined;
  /** The encoder that the run trained, if any. */
  readonly pretext: NamedWeights | undefined;
  /** Encoders and features that are named beside it. */
  readonly fromUser: GivenStarts;
  /** Which images, with which labels. */
  readonly data: DataSettings;
  /** Draws labels and folds. */
  readonly seed: number;
}

/**
 * Reads what a run was, and looks whether all that the settings name is there.
 * @throws UserError for input that is wrong
 */
export async function readLabelRequest(context: JobContext, settings: Resolved): Promise<LabelRequest> {
  const { files } = context;
  const { run } = settings;
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
  return { run, config, groups, pretext, fromUser, data, seed: settings.seed ?? data.seed };
}

/**
 * Opens the images of a labelling, with their labels.
 * @throws UserError as `openImages`
 */
export function openLabelled(
  context: JobContext,
  engine: Engine,
  settings: Resolved,
  { run, config, groups, data, seed }: LabelRequest,
): Promise<OpenedImages> {
  return openImages(context, engine, data, {
    imageSize: config.settings.imageSize,
    poolLimit: config.limits.pool,
    heldOutLimit: config.limits.heldOut,
    draws: settings.draws,
    labelsRequired: true,
    labelSeed: seed,
    earlier: (stream) => readGiven(context.files, run, stream),
    added: settings.labels,
    drawAnew: settings.labelsPerClass !== undefined,
    groups: { groups, data: data.data, labels: [config.options.labels, settings.labels], run },
  });
}

/**
 * What the methods of a labelling start from: what the user names, then the run's own encoder.
 * @throws UserError where given features do not fit the images
 */
export async function openStarts(
  context: JobContext,
  images: OpenedImages,
  { config, pretext, fromUser, data, seed }: LabelRequest,
): Promise<Start[]> {
  const origin = pretext && encoderOrigin(pretext.name, pretext, config.settings.imageSize);
  return [
    ...(await givenStarts(context, fromUser, images, { ...data, seed })),
    ...(pretext && origin ? [encoderStart(images.engine, origin, pretext.learnedFromLabels)] : []),
  ];
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
