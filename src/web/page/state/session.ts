import { signal } from '@preact/signals';
import type { DroppedSource, SessionState, SessionSummary } from '../../studio/studio.ts';
import { needsAsking, withAccess } from './access.ts';
import { reading, session } from './current.ts';
import { takeAnswers } from './labelling.ts';
import { forgetOriginals, keepOriginals } from './originals.ts';
import { openPixels } from './pixel_store.ts';
import { keepPlace } from './screen.ts';
import { studio } from './studio_link.ts';
import { forgetTraining } from './training.ts';
import { during } from './work.ts';

/** The sessions that are kept here, newest first. */
export const sessions = signal<readonly SessionSummary[]>([]);

/** Asks the worker what is kept. */
export async function listSessions(): Promise<void> {
  sessions.value = await studio.sessions();
}

/** Reads images into a new session. */
export async function collect(source: DroppedSource): Promise<void> {
  await closeSession();
  reading.value = source;
  try {
    const state = await during('reading', () => studio.collect(source));
    if (!state) {
      // A browser may take a folder back while it is read.
      if (source.kind === 'folder' && (await needsAsking(source.handle, 'read')))
        await withAccess(source.handle, 'read', () => collect(source));
      return;
    }
    keepOriginals(source);
    enter(state);
    // Only now has the session a place in the address.
    keepPlace();
  } finally {
    reading.value = null;
  }
}

/** Opens a session that is kept. */
export async function openSession(id: string): Promise<void> {
  if (session.value?.id === id) return;
  await closeSession();
  const state = await during('opening', () => studio.open(id));
  if (state) enter(state);
}

/** Deletes a session for good. */
export async function removeSession(id: string): Promise<void> {
  if (session.value?.id === id) await closeSession();
  await studio.remove(id);
  await listSessions();
}

function enter(state: SessionState): void {
  openPixels(state);
  session.value = state;
  takeAnswers();
}

/** Closes what is open. */
export async function closeSession(): Promise<void> {
  if (!session.value) return;
  session.value = null;
  forgetOriginals();
  forgetTraining();
  takeAnswers();
  await studio.close();
}
