import type { ReadProgress } from '../../data/sources/read_images.ts';
import { Pace } from '../../label/pace.ts';
import type { Reporter } from '../reporter.ts';

/** Tells how far and how fast images are read. */
export function readingProgress(reporter: Reporter): ReadProgress {
  let pace: Pace | undefined;
  return (done, total) => {
    pace ??= new Pace(total);
    reporter.progress({ stage: 'reading images', done, total, ...pace.at(done) });
  };
}
