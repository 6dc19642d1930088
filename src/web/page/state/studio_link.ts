import { proxy, type Remote, wrap } from 'comlink';
import type { Studio, StudioEvent } from '../../studio/studio.ts';

/** The worker that reads, trains and labels. It is dedicated, so that a hidden tab does not slow it down. */
export const studio: Remote<Studio> = wrap<Studio>(
  new Worker(new URL('./studio.js', import.meta.url), { type: 'module', name: 'kindred' }),
);

/** Starts the worker. @param hear takes what happens in it */
export const startStudio = (hear: (event: StudioEvent) => void) => studio.start(proxy(hear));
