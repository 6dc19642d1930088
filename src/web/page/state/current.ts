import { signal } from '@preact/signals';
import type { DroppedSource, SessionState, StudioFacts } from '../../studio/studio.ts';

/** What this browser offers; null until it is known. */
export const facts = signal<StudioFacts | null>(null);
/** The session that is open. */
export const session = signal<SessionState | null>(null);
/** What is being read into a new session, while it is. */
export const reading = signal<DroppedSource | null>(null);

/** Changes what is known of the open session. */
export function amend(change: Partial<SessionState>): void {
  if (session.value) session.value = { ...session.value, ...change };
}
