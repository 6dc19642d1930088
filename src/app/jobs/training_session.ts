import type { Engine } from '../../autograd/engine.ts';
import { resolvePolicy } from '../../data/policy.ts';
import type { ImageStream, NamedImages } from '../../data/sources/image_stream.ts';
import { requireSource } from '../../data/sources/open_stream.ts';
import { parseRange } from '../../data/sources/range_words.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { adapterName } from '../../gpu/device.ts';
import { labellingMethods, makesNetwork } from '../../label/methods/method_registry.ts';
import type { FolderLock } from '../../platform/platform.ts';
import { readCheckpoint } from '../../pretext/checkpoint.ts';
import type { PretrainOptions } from '../../pretext/options.ts';
import { requirePrecision } from '../../pretext/precision.ts';
import { requireAlike } from '../../pretext/ranks/require_alike.ts';
import { fromFirst } from '../../pretext/ranks/texts.ts';
import { openEngine } from '../engine.ts';
import type { HubOrigins } from '../hub/origins.ts';
import { groupSource } from '../inputs/group_source.ts';
import { folderSide, sourceKind } from '../inputs/image_source_kind.ts';
import { keptImages } from '../inputs/kept_images.ts';
import { requireLabelsFile } from '../inputs/known_labels.ts';
import { type OpenedImages, openImages } from '../inputs/open_images.ts';
import { type PretextStart, readPretextStart } from '../inputs/pretext_start.ts';
import { openRunImages } from '../inputs/run_labels.ts';
import type { AdapterSpeed } from '../plan/adapter_speed.ts';
import { requireNetwork } from '../plan/network_plan.ts';
import { adapterSpeed } from '../plan/speed_cache.ts';
import { type NetworkOptions, planTraining, type TrainingPlan } from '../plan/training_plan.ts';
import type { JobContext } from '../reporter.ts';
import { changeConfig, type RunConfig, readConfig, writeConfig } from '../run/config.ts';
import { type ChosenFolder, chooseFolder, claimNewFolder, lockRun } from '../run/folder.ts';
import { readGiven } from '../run/read_run.ts';
import { requireSameImages, resumedPlan, resumedSettings } from '../run/resume.ts';
import { type KeptSettings, keptSettings, type TrainSettings } from '../settings/jobs.ts';
import { givenOf, resolveSettings } from '../settings/resolve.ts';

/** What a training job works on, once its device and its images are there. */
export interface TrainingSession extends OpenedImages {
  /** The user's; what they leave open has its default or, on a resume, is as the run was started. */
  readonly settings: KeptSettings;
  /** Sizes of the work: network, batch, images. */
  readonly plan: TrainingPlan;
  /** What the pretext task goes on from; undefined where it starts from chance. */
  readonly start: PretextStart | undefined;
  /** The adapter's measured speed or, on a resume, that of the run's first adapter. */
  readonly speed: AdapterSpeed;
  /** Whether an earlier run is gone on with. */
  readonly resume: boolean;
  /**
   * Makes the run's folder with its config.json, once all input was found good, and takes it for this process. A resumed
   * run has its own already.
   * @returns the folder's path
   */
  readonly begin: (settings: NetworkOptions | PretrainOptions) => Promise<string>;
  /** Keeps in config.json which kernels the run has, once its programs are compiled. */
  readonly keepKernels: () => Promise<void>;
}

/**
 * Checks the settings, opens the device, sizes the work, reads the images, runs `body`, and gives device and folder back.
 * @param given settings as the user gave them
 * @param requirements whether the job needs labels, and what else its settings and the run's folder must fulfil, before
 *   anything slow begins; the check tells where encoders came from
 * @throws UserError for input that is wrong; nothing is written then
 */
export async function withTraining<Result>(
  context: JobContext,
  given: TrainSettings,
  requirements: {
    readonly labels: boolean;
    readonly check?: (
      settings: KeptSettings,
      folder: string,
      started: RunConfig | undefined,
    ) => Promise<HubOrigins | undefined>;
  },
  body: (session: TrainingSession) => Promise<Result>,
): Promise<Result> {
  const resume = given.resume === true;
  const first = resolveSettings(keptSettings, givenOf(keptSettings, given));
  if (first.policy !== undefined) resolvePolicy(first.policy, sentence`${named('policy')}`);
  if (first.groups !== undefined) groupSource(first.groups);
  parseRange(first.range);
  const link = context.ranks?.link;
  await requireAlike(link, { ...context.versions, ...first, resume, out: given.out });
  await requireLabelsFile(context, first.labels);
  const pretext = resume ? given.pretext : first.pretext;
  const folder = await fromFirst(link, "the run's folder", () =>
    chooseFolder(context, { out: given.out, resume, method: folderWord(pretext) }),
  );
  const place = new RunPlace(context, folder, folderWord(first.pretext));
  let engine: Engine | undefined;
  try {
    const started = resume ? await place.open() : undefined;
    const settings = started ? resumedSettings(given, folder.path, started) : first;
    await requireSource(settings.data, context.files);
    const origins = await requirements.check?.(settings, folder.path, started);
    const reach = { download: given.download, recorded: started?.hub };
    const start = await readPretextStart(context, settings, reach);
    const hub = { ...origins, ...(start?.origin && { pretextFrom: start.origin }) };
    const device = await openEngine(context, given, started && (started.kernelChoices ?? {}));
    engine = device;
    const { capabilities } = device.gpu;
    requireNetwork(settings, start?.encoder);
    requirePrecision(settings.precision, capabilities);
    // Sizes follow from it, and are to be alike on all ranks.
    const speed =
      started?.speed ??
      (await fromFirst(link, "the adapter's speed", () => adapterSpeed(device, context.reporter)));
    // Labels that were corrected or added since the run was started.
    const sources = started && {
      earlier: (images: NamedImages) => readGiven(context.files, folder.path, images),
      keepsLabelled: started.data.keepsLabelled,
    };
    const keep = keptImages(context, settings, sources ?? {});
    const opened = await openRunImages(context.files, settings, settings.imageSize, keep);
    const native = await lookAtSides(context, settings, opened, start);
    const network = start && { ...start, ...start.recipe };
    const sizes = planTraining(settings, capabilities, speed, network, native);
    const plan = started ? resumedPlan(sizes, settings, started) : sizes;
    const images = await openImages(context, device, settings, {
      imageSize: plan.imageSize,
      // Other sets keep their own side.
      stream: sourceKind(settings.data) === 'folder' ? opened.resized(plan.imageSize) : opened,
      poolLimit: plan.limit,
      heldOutLimit: plan.testLimit,
      draws: settings.draws,
      labelsRequired: requirements.labels,
      ...(requirements.labels && {
        groups: {
          groups: settings.groups,
          data: settings.data,
          labels: [settings.labels],
          ...(started && { run: folder.path }),
        },
      }),
      ...sources,
    });
    if (started) requireSameImages(folder.path, started, images.fingerprint);
    const { stream, fingerprint, unreadable } = images;
    const begin = (task: NetworkOptions | PretrainOptions) =>
      fromFirst(link, "the run's folder", () =>
        place.begin({
          options: { ...settings, ...(stream.range !== undefined && { range: stream.range }) },
          settings: task,
          adapter: adapterName(capabilities),
          speed,
          limits: { pool: plan.limit, heldOut: plan.testLimit },
          data: {
            description: stream.description,
            fingerprint,
            unreadable: [...unreadable],
            keepsLabelled: true,
          },
          hub,
        }),
      );
    const keepKernels = async () => {
      if (started?.kernelChoices || (link && link.rank > 0)) return;
      const kernelChoices = images.engine.choices.used;
      await changeConfig(context, place.path, place.path, () => ({ kernelChoices }));
    };
    return await body({ ...images, settings, plan, start, speed, resume, begin, keepKernels });
  } finally {
    engine?.destroy();
    await place.release();
  }
}

/** Side of a folder's images, by their headers, where neither the user nor what the run goes on from says what it sees. */
async function lookAtSides(
  { reporter }: JobContext,
  { data, imageSize, pretext, methods = labellingMethods }: KeptSettings,
  opened: ImageStream,
  start: PretextStart | undefined,
): Promise<number | undefined> {
  // How large its squares are the pack alone knows.
  if (sourceKind(data) === 'pack') return opened.size;
  if (imageSize !== undefined || start || sourceKind(data) !== 'folder') return undefined;
  const found = await folderSide(opened);
  if (!found) return undefined;
  const { side, median } = found;
  if (pretext !== 'none' || makesNetwork(methods))
    reporter.note(
      sentence`sizes: the shorter side of the images is ${median} pixels, by the median of a sample, so the network sees ${side}×${side}; ${named('imageSize')} chooses otherwise`,
    );
  return side;
}

/** What the folder of a run is named after: its pretext task, or the labelling where it has none. */
function folderWord(pretext: KeptSettings['pretext']): string;
function folderWord(pretext: KeptSettings['pretext'] | undefined): string | undefined;
function folderWord(pretext: KeptSettings['pretext'] | undefined): string | undefined {
  return pretext === 'none' ? 'label' : pretext;
}

/** The run's folder, from the wish to the lock. */
class RunPlace {
  readonly #context: JobContext;
  readonly #method: string;
  readonly #chosen: ChosenFolder;
  #claimed: { readonly path: string; readonly lock: FolderLock } | undefined;

  constructor(context: JobContext, chosen: ChosenFolder, method: string) {
    this.#context = context;
    this.#chosen = chosen;
    this.#method = method;
  }

  get path(): string {
    return this.#claimed?.path ?? this.#chosen.path;
  }

  /** Takes the folder of a run to be resumed, and reads what it was started with. */
  async open(): Promise<RunConfig & { readonly speed: AdapterSpeed }> {
    const { path } = this.#chosen;
    // Without a checkpoint the folder is no run's, and a lock has no place in it.
    await readCheckpoint(this.#context.files, path);
    this.#claimed = { path, lock: await lockRun(this.#context, path) };
    const config = await readConfig(this.#context, path);
    if (config.speed) return { ...config, speed: config.speed };
    throw new UserError(
      sentence`${path} does not say how fast its adapter was, so this run cannot be resumed: choose another ${named('out')} to start anew`,
    );
  }

  /** Makes a new run's folder and takes it, unless that was done. */
  async begin(facts: Parameters<typeof writeConfig>[2]): Promise<string> {
    if (this.#claimed) return this.path;
    this.#claimed = await claimNewFolder(this.#context, this.#chosen, this.#method);
    await writeConfig(this.#context, this.path, facts);
    return this.path;
  }

  async release(): Promise<void> {
    await this.#claimed?.lock.release();
  }
}
