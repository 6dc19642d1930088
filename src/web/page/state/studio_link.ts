import { connectStudio } from '../../studio/connect.ts';

/** The worker that reads, trains and labels. It is dedicated, so that a hidden tab does not slow it down. */
export const { studio } = connectStudio(new URL('./studio_worker.js', import.meta.url));
