import { named, Sentence, sentence, UserError } from '../../errors.ts';
import type { FolderLock } from '../../platform/platform.ts';
import type { JobContext } from '../reporter.ts';

/** Does what writes to a place that the user named. @throws UserError where the system refuses */
export async function writing<T>(place: string | Sentence, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    // Systems say by a word what they refuse; what has none is a fault of the program, or an abort.
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    // Node's messages go on with the call and the temporary name.
    const [reason] = error.message.split(',');
    const where = typeof place === 'string' ? new Sentence([place]) : place;
    throw new UserError(sentence`${where} cannot be written (${reason!}): name another place`);
  }
}

/** Where a run's files go. */
export interface ChosenFolder {
  /** Where it lies, or is to lie. */
  readonly path: string;
  /** Whether the user named it; otherwise another name serves as well. */
  readonly named: boolean;
}

/** What the user said of a run's folder. */
export interface FolderWish {
  /** The folder, where the user names one. */
  readonly out?: string | undefined;
  /** Whether an earlier run is gone on with; absent in jobs that cannot. */
  readonly resume?: boolean | undefined;
  /** What a new folder is named after, and which runs can be resumed; those of any method where it is left open. */
  readonly method?: string | undefined;
  /** The file by which a run is known that can be gone on with. Default: its checkpoint. */
  readonly marker?: string;
}

/**
 * The run's folder: the given one, or a new one under runs/; with `resume` the newest there of the method.
 * @throws UserError where the folder holds another run, or there is none to resume
 */
export async function chooseFolder({ files }: JobContext, wish: FolderWish): Promise<ChosenFolder> {
  const { out, resume, method, marker = 'checkpoint.safetensors' } = wish;
  if (out !== undefined) {
    const found = await files.stat(out);
    if (found?.kind === 'file') throw new UserError(sentence`${named('out', out)} is a file: name a folder`);
    if (!resume) await requireEmpty(files, out, resume === undefined ? undefined : marker);
    return { path: out, named: true };
  }
  const runs = (await files.stat('runs')) ? await files.list('runs') : [];
  const folders = [...new Set(runs.map((path) => path.split('/')[0]!))].filter(
    (name) => method === undefined || name.includes(`-${method}`),
  );
  if (resume) {
    const started = folders.filter((name) => runs.includes(`${name}/${marker}`));
    // By date, then by number: …-2 comes before …-10.
    const newest = started.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
    if (newest) return { path: files.join('runs', newest), named: true };
    throw new UserError(
      sentence`runs/ holds no ${method === undefined ? '' : `${method} `}run to resume: leave ${named('resume')} out, or give its folder as ${named('out')}`,
    );
  }
  const base = [today(), ...(method === undefined ? [] : [method])].join('-');
  let name = base;
  for (let i = 2; folders.includes(name); i++) name = `${base}-${i}`;
  return { path: files.join('runs', name), named: false };
}

/** Today's date, YYYY-MM-DD, in the user's time zone. */
const today = (): string => new Date().toLocaleDateString('sv-SE');

/**
 * @param marker the file by which a run is known that the job could go on with
 * @throws UserError where a folder holds more than a lock
 */
async function requireEmpty(files: JobContext['files'], folder: string, marker?: string): Promise<void> {
  const content = (await files.stat(folder)) === undefined ? [] : await files.list(folder);
  const own = content.filter((name) => !isLock(name));
  if (own.length === 0) return;
  const advice =
    marker !== undefined && own.includes(marker)
      ? sentence`add ${named('resume')} to go on with it, or `
      : '';
  throw new UserError(
    sentence`${named('out', folder)} exists and is not empty: ${advice}name another folder`,
  );
}

/** The lock's file, or one that is becoming it. */
const isLock = (name: string): boolean => name.startsWith('run.lock');

/**
 * Makes a new run's folder and takes it for this process; a folder that kindred named itself gets another name where
 * another command was quicker.
 * @throws UserError where another process has the named folder, or something lies in it
 */
export async function claimNewFolder(
  context: JobContext,
  chosen: ChosenFolder,
  method: string,
): Promise<{ path: string; lock: FolderLock }> {
  const { files } = context;
  let folder = chosen;
  for (;;) {
    const { path } = folder;
    await writing(sentence`${named('out', path)}`, () => files.makeFolder(path));
    try {
      const lock = await lockRun(context, path);
      // Another command may have begun, and even ended, since the folder was looked at.
      await requireEmpty(files, path).catch(async (error) => {
        await lock.release();
        throw error;
      });
      return { path, lock };
    } catch (error) {
      if (folder.named || !(error instanceof UserError)) throw error;
      const next = await chooseFolder(context, { method });
      if (next.path === path) throw error;
      folder = next;
    }
  }
}

/** Takes a run's folder for this process. @throws UserError where another process that lives has it */
export async function lockRun({ files, reporter }: JobContext, folder: string): Promise<FolderLock> {
  const lock = await writing(sentence`${named('out', folder)}`, () => files.lock(folder));
  if (lock.takenFrom !== undefined)
    reporter.note(`${folder}: its lock is taken over from ${lock.takenFrom}, which is gone`);
  return lock;
}
