import { signal } from '@preact/signals';
import { note } from './messages.ts';

/** A folder that the browser lets the page use again when the person presses a button. */
export interface Lapsed {
  /** Its name. */
  readonly name: string;
  /** Asks the browser, and does what waits for its answer. */
  readonly goOn: () => Promise<void>;
}

/** What waits for such a press; null where nothing does. */
export const lapsed = signal<Lapsed | null>(null);

/** Uses a folder; where the browser has to be asked first, when the person has pressed 'Continue'. */
export async function withAccess(
  handle: FileSystemDirectoryHandle,
  mode: 'read' | 'readwrite',
  use: () => void | Promise<void>,
): Promise<void> {
  lapsed.value = null;
  if (!(await needsAsking(handle, mode))) return use();
  lapsed.value = {
    name: handle.name,
    async goOn() {
      lapsed.value = null;
      if ((await handle.requestPermission?.({ mode })) !== 'denied') return use();
      note(`the browser does not let this page use ${handle.name}: choose it anew, and allow it`);
    },
  };
}

/** Whether a folder cannot be used before the person allows it; browsers that do not say so have no need of it. */
export const needsAsking = async (
  handle: FileSystemDirectoryHandle,
  mode: 'read' | 'readwrite',
): Promise<boolean> => ((await handle.queryPermission?.({ mode })) ?? 'granted') !== 'granted';
