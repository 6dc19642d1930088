import { signal } from '@preact/signals';
import type { Progress } from '../../../app/reporter.ts';
import { attempt } from './messages.ts';

/** What the worker is busy with, one at a time. */
export type Work = 'reading' | 'opening' | 'training' | 'writing';

/** What runs; null where nothing does. */
export const work = signal<Work | null>(null);
/** How far it is. */
export const progress = signal<Progress | null>(null);

/** Runs something that takes long, unless another such thing runs; where it fails, says why and gives undefined. */
export async function during<T>(kind: Work, what: () => Promise<T>): Promise<T | undefined> {
  if (work.value) return undefined;
  work.value = kind;
  progress.value = null;
  try {
    return await attempt(what);
  } finally {
    work.value = null;
    progress.value = null;
  }
}
