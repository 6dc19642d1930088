import { isNamed } from './page_errors.ts';

/** Names that are taken where the browser has no Web Locks: by this page alone. */
const taken = new Set<string>();

/**
 * Milliseconds in which a browser ends the worker of a tab that was closed or loaded anew: at once where it is idle, after
 * two seconds where it computes.
 */
export const endingTab = 3000;

/**
 * Takes a name for this tab, or worker, until it gives it back or ends.
 * @param patience milliseconds that whoever has it is waited for
 * @returns what gives it back; undefined where another has it
 */
export async function takeName(name: string, patience = 0): Promise<(() => void) | undefined> {
  if (!navigator.locks) {
    if (taken.has(name)) return undefined;
    taken.add(name);
    return () => taken.delete(name);
  }
  const how: LockOptions = patience > 0 ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
  return new Promise((resolve, reject) => {
    const untilReleased = (lock: Lock | null) => {
      if (!lock) return resolve(undefined);
      // The name is held until this promise settles.
      return new Promise<void>((release) => resolve(release));
    };
    navigator.locks.request(name, how, untilReleased).catch((error) => {
      if (isNamed(error, 'TimeoutError', 'AbortError')) resolve(undefined);
      else reject(error);
    });
  });
}
