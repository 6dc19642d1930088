import type { Engine } from '../../autograd/engine.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { adapterName } from '../../gpu/device.ts';
import type { EncoderComparison } from '../../label/compare/result.ts';
import { counted } from '../../label/report/format.ts';
import { stableJson } from '../../label/report/stable_json.ts';
import { labelledSet } from '../../label/task.ts';
import type { FolderLock } from '../../platform/platform.ts';
import type { MethodName } from '../../pretext/registry.ts';
import { composeComparison } from '../compare/compose.ts';
import { type ComparedEntry, entriesOf, isPretext } from '../compare/entries.ts';
import { type ComparedImages, openComparison, requireComparison } from '../compare/open_comparison.ts';
import {
  type ComparisonPlan,
  planName,
  readPlan,
  resumedComparison,
  writePlan,
} from '../compare/plan_file.ts';
import { parsePoints, reachablePoints } from '../compare/points.ts';
import { type ScoredEncoder, scoreCompared } from '../compare/score_compared.ts';
import { ScoreLog } from '../compare/score_log.ts';
import {
  type ComparedTraining,
  epochsWithin,
  readCompared,
  trainCompared,
} from '../compare/train_compared.ts';
import { openEngine } from '../engine.ts';
import { type JobContext, silentReporter } from '../reporter.ts';
import { chooseFolder, claimNewFolder, lockRun, writing } from '../run/folder.ts';
import { type ComparedSettings, type CompareSettings, comparedSettings } from '../settings/compare.ts';
import { resolveSettings } from '../settings/resolve.ts';
import type { Interrupted, Saved } from './outcome.ts';

/** A comparison that came to its end. */
export interface ComparedRun extends Saved {
  /** What compare.json holds. */
  readonly comparison: EncoderComparison;
}

/** What the parts of a comparison work with. */
interface Session extends Omit<ComparedTraining, 'engine'> {
  engine: Engine;
  started: ComparisonPlan;
  readonly log: ScoreLog;
  readonly entries: readonly ComparedEntry[];
}

/**
 * Trains the encoder of each pretext method within an equal budget, and scores what it is worth by the number of labels:
 * a folder with a run's folder for each method, scores.jsonl with each draw that is done, compare.json and compare.html.
 * An abort keeps what is done. A method whose training collapses or diverges is given up, and the others go on.
 * @throws UserError for input that is wrong, with nothing written
 */
export async function compareRun(
  given: CompareSettings,
  context: JobContext,
): Promise<ComparedRun | Interrupted> {
  const { reporter } = context;
  const resume = given.resume === true;
  const first = resolveSettings(comparedSettings, given);
  await requireComparison(context, first);
  const wish = { out: given.out, resume, method: 'compare', marker: planName };
  const chosen = await chooseFolder(context, wish);
  let place: { readonly path: string; readonly lock: FolderLock } | undefined;
  let session: Session | undefined;
  let engine: Engine | undefined;
  try {
    const before = resume ? await readPlan(context, chosen.path) : undefined;
    if (before) place = { path: chosen.path, lock: await lockRun(context, chosen.path) };
    const settings = before ? resumedComparison(given, chosen.path, before) : first;
    engine = await openEngine(context, given);
    const images = await openComparison(context, engine, settings, before);
    if (before) requireSameComparison(chosen.path, before, images.fingerprint);
    const { points, left } = reachablePoints(parsePoints(settings.perClass), images.task);
    for (const count of left)
      reporter.note(`left out: ${count} labels a class, since no class may have fewer beside the held-out`);
    tellTask(context, images, settings);
    place ??= await claimNewFolder(context, chosen, 'compare');
    const started: ComparisonPlan = {
      ...(before ?? {
        command: [...context.command],
        plan: images.plan,
        fingerprint: images.fingerprint,
        adapter: adapterName(engine.gpu.capabilities),
        versions: { ...context.versions },
        epochs: {},
      }),
      settings,
    };
    await writePlan(context, place.path, started);
    reporter.stoppable('what is done so far is kept');
    const log = await ScoreLog.open(context.files, place.path, images.task.heldOut.length);
    const entries = entriesOf(settings, points);
    session = { engine, images, settings, folder: place.path, started, log, entries };
    for (const entry of entries)
      if (!(await compareOne(context, session, entry, given)))
        return { interrupted: true, folder: place.path };
    return await save(context, session);
  } catch (error) {
    const { signal } = reporter;
    if (place && signal.aborted && error === signal.reason) return { interrupted: true, folder: place.path };
    throw error;
  } finally {
    (session?.engine ?? engine)?.destroy();
    await place?.lock.release();
  }
}

/** Trains and scores one of the compared, as far as that is not done. @returns false where it was interrupted */
async function compareOne(
  context: JobContext,
  session: Session,
  entry: ComparedEntry,
  given: CompareSettings,
): Promise<boolean> {
  const { reporter } = context;
  const { log, folder, images, settings } = session;
  const { name, title, hows, points } = entry;
  if (log.reasonOf(name) !== undefined) {
    reporter.note(`${title} was given up before, and is left out`);
    return true;
  }
  let weights: ScoredEncoder['weights'] = name === 'random' ? 'random' : 'none';
  if (isPretext(name)) {
    const outcome = await trainCompared(context, session, name, await epochsOf(context, session, name));
    if (outcome.ended === 'interrupted') return false;
    if (outcome.ended === 'stopped') {
      const { sentence: reason } = outcome.error;
      reporter.note(sentence`${title} is given up, the others go on: ${reason}`);
      await log.stop(name, String(reason));
      // What the failed training held on the device goes with it.
      session.engine.destroy();
      session.engine = await openEngine({ reporter: silentReporter }, given);
      return true;
    }
    weights = await readCompared(context, folder, name);
  }
  const { engine } = session;
  await scoreCompared(
    { engine, images, settings, log, reporter },
    { method: name, title, weights, hows, points },
  );
  return true;
}

/** Epochs of a method whose budget is a time, measured once; undefined where it is a number of images. */
async function epochsOf(context: JobContext, session: Session, method: MethodName) {
  const { minutes } = session.settings;
  if (minutes === undefined) return undefined;
  const known = session.started.epochs[method];
  if (known !== undefined) return known;
  const epochs = await epochsWithin(context, session, method, minutes);
  session.started = { ...session.started, epochs: { ...session.started.epochs, [method]: epochs } };
  await writePlan(context, session.folder, session.started);
  return epochs;
}

async function save(context: JobContext, session: Session): Promise<ComparedRun> {
  const { files } = context;
  const { folder } = session;
  const comparison = await composeComparison(context, session);
  // Loaded where it is needed: its plots cost every other command a fifth of a second.
  const { renderComparison } = await import('../../label/compare/page.ts');
  const page = await renderComparison(comparison);
  await writing(sentence`${named('out', folder)}`, async () => {
    await files.writeAtomic(files.join(folder, 'compare.json'), stableJson(comparison));
    await files.writeAtomic(files.join(folder, 'compare.html'), page);
  });
  return { interrupted: false, folder, files: ['compare.html', 'compare.json', 'scores.jsonl'], comparison };
}

/** What is learned from, and what scores. */
function tellTask({ reporter }: JobContext, { task }: ComparedImages, settings: ComparedSettings): void {
  const { images } = labelledSet(task.given);
  const draws = counted(settings.draws, 'draw');
  reporter.note(
    `comparison: ${counted(task.pool.length, 'image')} to learn from, ${counted(images.length, 'label')} in ${task.classes.length} classes, ${draws} at each point; ${counted(task.heldOut.length, 'image')} held out (${task.heldOutFrom}), which choose nothing`,
  );
}

/** @throws UserError where the images are not those that the comparison was started with */
function requireSameComparison(folder: string, before: ComparisonPlan, fingerprint: string): void {
  if (before.fingerprint === fingerprint) return;
  throw new UserError(
    sentence`the images are not those that the comparison in ${folder} was started with: go on with the files of that one, or choose another ${named('out')}`,
  );
}
