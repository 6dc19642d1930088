import { named, sentence, UserError } from '../../errors.ts';
import type { TrainingPlan } from '../plan/training_plan.ts';
import { type KeptSettings, keptSettings, type TrainSettings } from '../settings/jobs.ts';
import { givenOf, resolveSettings } from '../settings/resolve.ts';
import { type RunConfig, settingsOfRun } from './config.ts';

/**
 * The settings of a resume: what the user leaves open is as the run was started, and not chosen anew, which another
 * adapter or version might do otherwise.
 * @throws UserError where the user gives other minutes, from which all sizes once followed
 */
export function resumedSettings(given: TrainSettings, folder: string, started: RunConfig): KeptSettings {
  const { chunk, ...kept } = settingsOfRun(started);
  const { minutes } = started.options;
  if (given.minutes !== undefined && given.minutes !== minutes) {
    const before = minutes === undefined ? 'without them' : sentence`with ${named('minutes', minutes)}`;
    throw new UserError(
      sentence`the run in ${folder} was started ${before}, not with ${named('minutes', given.minutes)}: leave ${named('minutes')} out, or choose another ${named('out')}`,
    );
  }
  // A chunk of another batch might not divide the user's, which is then refused for what it is.
  const sameBatch = (given.batch ?? kept.batch) === kept.batch;
  return resolveSettings(keptSettings, {
    ...kept,
    ...(sameBatch && { chunk }),
    ...givenOf(keptSettings, given),
  });
}

/** A plan with the numbers of images that the run was started with, where the user gives none. */
export function resumedPlan(
  sizes: TrainingPlan,
  settings: KeptSettings,
  { limits }: RunConfig,
): TrainingPlan {
  return {
    ...sizes,
    limit: settings.limit ?? limits.pool,
    testLimit: settings.testLimit ?? limits.heldOut,
  };
}

/** @throws UserError where a resumed run would go on with other images than it was started with */
export function requireSameImages(folder: string, { data }: RunConfig, fingerprint: string): void {
  if (data.fingerprint === fingerprint) return;
  throw new UserError(
    sentence`the images are not those that the run in ${folder} was started with: resume with the settings and files of that run, or choose another ${named('out')}`,
  );
}
