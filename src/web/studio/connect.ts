import * as comlink from 'comlink';
import { platform } from '#platform';
import type { Studio, StudioEvent } from './studio.ts';

/** A studio in a worker of its own. */
export interface ConnectedStudio {
  /** The studio; every call goes to the worker. */
  readonly studio: Studio;
  /** Ends the worker, with whatever runs there. */
  readonly end: () => void;
}

/**
 * Makes the studio's worker.
 * @param worker where its bundle lies; beside the page's own by default
 */
export function connectStudio(
  worker: string | URL = new URL('./studio_worker.mjs', import.meta.url),
): ConnectedStudio {
  const started = new Worker(worker, { type: 'module', name: 'kindred studio' });
  const remote = comlink.wrap<Studio>(started);
  const studio = new Proxy(remote, {
    get: (target, name) => {
      if (name === 'start') {
        return (watch: (event: StudioEvent) => void) => {
          // Only a window can ask for storage that stays; the work does not wait for the person's answer.
          platform.pageStorage?.persist?.().catch(() => {});
          return target.start(comlink.proxy(watch));
        };
      }
      // A wrapped worker is no promise.
      return name === 'then' ? undefined : Reflect.get(target, name);
    },
  });
  const end = () => {
    remote[comlink.releaseProxy]();
    started.terminate();
  };
  return { studio: studio as unknown as Studio, end };
}
