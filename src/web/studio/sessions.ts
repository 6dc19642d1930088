import { collectImages } from '../../app/desk/collect.ts';
import type { JobContext } from '../../app/reporter.ts';
import type { PageFiles } from '../../platform/platform.ts';
import { findBrought, takeOver } from './brought.ts';
import { listedOnce } from './listed_once.ts';
import { countAnswers, placesOf, readRecord, sessionIds, writeRecord } from './session_record.ts';
import type { DroppedSource, SessionSummary } from './studio.ts';
import { removeFolder } from './take_home.ts';

/** Where what a person gave is seen while it is read. */
const droppedPlace = 'dropped';
/** The error allowed among automatic labels where nobody says. */
const usualTarget = 0.05;

/** By what name a tab takes a session for itself. */
export const claimOf = (id: string): string => `session ${id}`;

/** The sessions that are kept, newest first. @param open the one that this tab has open */
export async function listSessions(page: PageFiles, open: string | undefined): Promise<SessionSummary[]> {
  const found: SessionSummary[] = [];
  for (const id of await sessionIds(page.files)) {
    const places = placesOf(page.files, id);
    // One that is damaged can still be deleted.
    const record = await readRecord(page.files, places).catch(() => undefined);
    const { name = id, created = '', images = 0, stage = 'collected' } = record ?? {};
    const answers = await countAnswers(page.files, places);
    const inUse = id !== open && !(await isFree(page, id));
    found.push({ id, name, created, images, answers, stage, inUse });
  }
  return found.sort((a, b) => (a.created < b.created ? 1 : -1));
}

async function isFree(page: PageFiles, id: string): Promise<boolean> {
  const { own, release } = await page.claim(claimOf(id));
  release();
  return own;
}

/**
 * Reads what a person gave into a new session.
 * @param notes those that were told meanwhile; the session keeps them
 * @returns its id; where it fails or is stopped nothing is left
 */
export async function newSession(
  page: PageFiles,
  source: DroppedSource,
  context: JobContext,
  notes: readonly string[],
): Promise<string> {
  const created = new Date().toISOString();
  const id = `${created.slice(0, 10)}-${crypto.randomUUID().slice(0, 8)}`;
  const places = placesOf(page.files, id);
  const isDemo = source.kind === 'demo';
  if (!isDemo) await page.mount(droppedPlace, source.kind === 'folder' ? source.handle : source.files);
  try {
    const name = source.kind === 'folder' ? source.handle.name : isDemo ? 'demo' : source.name;
    const files = listedOnce(page.files, droppedPlace);
    const brought = isDemo ? undefined : await findBrought(files, droppedPlace);
    if (brought !== undefined) {
      context.reporter.note(
        'what was given is a session that was worked on elsewhere: it is taken over as it is',
      );
      await takeOver(files, brought, places, { name, created, target: usualTarget, notes: [...notes] });
      return id;
    }
    const from = isDemo ? { demo: source.images } : { folder: droppedPlace };
    const { images, classes, answers, paths } = await collectImages(from, places.images, {
      ...context,
      files,
    });
    await page.files.writeAtomic(places.answers, answers.csv(paths, classes));
    await writeRecord(page.files, places, {
      version: 1,
      name,
      created,
      classes: [...classes],
      target: usualTarget,
      stage: 'collected',
      images,
      notes: [...notes],
    });
    return id;
  } catch (error) {
    await removeFolder(page, places.folder).catch(() => {});
    throw error;
  } finally {
    if (!isDemo) page.unmount(droppedPlace);
  }
}
