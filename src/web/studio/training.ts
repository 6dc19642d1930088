import type { DeskScan } from '../../app/desk/judge.ts';
import { type LaidOut, liveSample } from '../../app/desk/map.ts';
import { saveScan } from '../../app/desk/scan_file.ts';
import { type ScannedBy, takeScan } from '../../app/desk/take_scan.ts';
import { pretrainRun } from '../../app/jobs/pretrain_run.ts';
import type { JobContext, TrainedEpoch } from '../../app/reporter.ts';
import { readConfig } from '../../app/run/config.ts';
import { findPretext } from '../../app/run/read_run.ts';
import type { PretrainSettings } from '../../app/settings/jobs.ts';
import { DeviceLostError, MemoryError } from '../../errors.ts';
import type { PageFiles } from '../../platform/platform.ts';
import type { JudgePort } from './judge_port.ts';
import type { Session } from './session.ts';
import { givenEncoder } from './session_record.ts';
import type { StudioEvent, TrainingEnd } from './studio.ts';
import { removeFolder } from './take_home.ts';

/** Of the time that training takes, so much may be spent on features for the live map. */
const mapShare = 0.05;

/** What a training works with. */
export interface TrainingTools {
  readonly page: PageFiles;
  readonly context: JobContext;
  readonly judge: JudgePort;
  readonly tell: (event: StudioEvent) => void;
}

/**
 * Trains what the session's record names, or goes on with it, and takes the features of all images. A device that is lost is
 * replaced once; work then goes on from the last checkpoint.
 * @param resume whether to go on from a checkpoint, where there is one
 * @returns how it ended, and where the images of the live map lay last
 */
export async function trainSession(
  session: Session,
  tools: TrainingTools,
  resume: boolean,
): Promise<{ readonly end: Omit<TrainingEnd, 'stage'>; readonly map?: LaidOut | undefined }> {
  const { tell, context } = tools;
  const map = new LiveMap(session, tools);
  let goOn = resume;
  for (let attempt = 0; ; attempt++) {
    try {
      const scan = await learn(session, tools, map, goOn);
      if (!scan) return { end: { state: 'paused', message: 'paused; the last step is kept' } };
      await saveScan(tools.page.files, session.places.features, scan);
      session.use(scan);
      await session.change({ stage: 'ready' });
      return { end: { state: 'done' }, map: map.last };
    } catch (error) {
      if (context.reporter.signal.aborted) return { end: { state: 'paused', message: 'paused' } };
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof DeviceLostError)) {
        const batch = error instanceof MemoryError ? await batchOf(session, tools) : undefined;
        const smallerBatch = batch !== undefined && batch >= 4 ? { smallerBatch: Math.floor(batch / 2) } : {};
        return { end: { state: 'failed', message, ...smallerBatch } };
      }
      const recovering = attempt === 0;
      tell({ kind: 'lost', recovering, message });
      if (!recovering)
        return {
          end: { state: 'paused', message: `${message} twice: go on from the last kept step by hand` },
        };
      goOn = true;
    }
  }
}

/** Trains where there is something to train, and takes the features; undefined where it was interrupted. */
async function learn(
  session: Session,
  tools: TrainingTools,
  map: LiveMap,
  goOn: boolean,
): Promise<DeskScan | undefined> {
  const { places, record } = session;
  const { page, context } = tools;
  const encoder = givenEncoder(record.training);
  // Who began a session with an encoder of the hub has asked for it.
  const by: ScannedBy = encoder === undefined ? { run: places.run } : { encoder, download: true };
  // What was finished of another training does not go with this one.
  if (!goOn) await removeFolder(page, places.run);
  const isTrained = (await findPretext(page.files, places.run)) !== undefined;
  if ('run' in by && !isTrained) {
    const hasCheckpoint = await isResumable(session, page);
    if (!hasCheckpoint) await removeFolder(page, places.run);
    const settings: PretrainSettings = hasCheckpoint
      ? { data: places.data, out: places.run, resume: true, tune: 0 }
      : await newRun(session, page);
    const epoch = (trained: TrainedEpoch) => map.epoch(trained);
    const run = await pretrainRun(settings, { ...context, reporter: { ...context.reporter, epoch } });
    if (run.interrupted) return undefined;
  }
  return takeScan(places.data, by, context);
}

/** Whether there is a step from which the session's training can go on. */
export async function isResumable({ places }: Session, { files }: PageFiles): Promise<boolean> {
  return (await files.stat(files.join(places.run, 'checkpoint.json'))) !== undefined;
}

/** The settings of a new run. The labels that it sees are set aside: a resume needs the same, whatever is labelled since. */
async function newRun(session: Session, { files }: PageFiles): Promise<PretrainSettings> {
  const { places, record, given } = session;
  const { method, encoder: _, ...sizes } = record.training!;
  const isLabelled = new Set(given.filter((label) => label >= 0)).size >= 2;
  if (isLabelled) await files.writeAtomic(places.known, session.answersFile);
  return {
    ...sizes,
    pretext: method as NonNullable<PretrainSettings['pretext']>,
    data: places.data,
    out: places.run,
    doubtfulLabels: 'keep',
    ...(isLabelled && { labels: places.known }),
  };
}

/** Images of a step of the session's run; undefined where it has none. */
async function batchOf({ places, record }: Session, { context }: TrainingTools): Promise<number | undefined> {
  const config = await readConfig(context, places.run).catch(() => undefined);
  return config?.settings.batch ?? record.training?.batch;
}

/** Where the images lie after each epoch, as often as it costs little. */
class LiveMap {
  readonly #tools: TrainingTools;
  readonly #sample: Int32Array;
  #last: LaidOut | undefined;
  #laying = false;
  /** When features were last taken, and how long that took; milliseconds. */
  #taken = { at: performance.now(), took: 0 };

  constructor({ stream }: Session, tools: TrainingTools) {
    this.#tools = tools;
    this.#sample = liveSample(stream.paths.length);
  }

  /** Where they lay last. */
  get last(): LaidOut | undefined {
    return this.#last;
  }

  async epoch(trained: TrainedEpoch): Promise<void> {
    const { features, ...figures } = trained;
    this.#tools.tell({ kind: 'epoch', ...figures });
    const now = performance.now();
    const due = now - this.#taken.at >= this.#taken.took / mapShare;
    if (this.#laying || !due) return;
    const { images, values, columns } = await features(this.#sample);
    this.#taken = { at: now, took: performance.now() - now };
    this.#laying = true;
    // The judge lays out while training goes on.
    this.#lay(images, values, columns).finally(() => {
      this.#laying = false;
    });
  }

  async #lay(images: Int32Array, values: Float32Array, columns: number): Promise<void> {
    try {
      this.#last = await this.#tools.judge.map(images, values, columns, this.#last);
      this.#tools.tell({ kind: 'map', ...this.#last });
    } catch {
      // Features that cannot be laid out are told by the training itself.
    }
  }
}
