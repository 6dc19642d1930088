import * as v from 'valibot';
import { UserError } from '../errors.ts';
import { optimizerNames } from '../optim/named_optimizer.ts';
import type { TrainingOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** What a run was started with, of its config.json: its sizes and settings, whatever chose them. */
export const startedWith = v.object({
  options: v.object({ minutes: v.optional(v.number()) }),
  limits: v.optional(v.object({ pool: v.optional(v.number()), heldOut: v.optional(v.number()) }), {}),
  settings: v.object({
    imageSize: v.number(),
    encoder: v.object({ width: v.number(), stem: v.picklist(['cifar', 'imagenet']) }),
    batch: v.number(),
    chunk: v.optional(v.number()),
    epochs: v.number(),
    temperature: v.number(),
    policy: v.looseObject({}),
    projection: v.array(v.number()),
    optimizer: v.object({ name: v.picklist(optimizerNames), weightDecay: v.number() }),
    learningRate: v.number(),
    warmupEpochs: v.number(),
  }),
});

export type StartedWith = v.InferOutput<typeof startedWith>;

/**
 * The options of a resume: what the user leaves open is as the run was started, and not chosen anew, which another
 * adapter or version might do otherwise.
 * @throws UserError where the user gives another `--minutes`, from which all of it once followed
 */
export function resumedOptions(
  options: TrainingOptions,
  folder: string,
  started: StartedWith,
): TrainingOptions {
  requireSameMinutes(options, folder, started);
  const { imageSize, encoder, batch, chunk, epochs, temperature } = started.settings;
  const { policy, projection, optimizer, learningRate, warmupEpochs } = started.settings;
  const sameBatch = (options.batch ?? batch) === batch;
  const settled = {
    imageSize,
    width: encoder.width,
    stem: encoder.stem,
    batch,
    // That of another batch might not divide the user's, which is then refused for what it is.
    ...(sameBatch && { chunk: chunk ?? batch }),
    epochs,
    temperature,
    policy: JSON.stringify(policy),
    projection,
    optimizer: optimizer.name,
    weightDecay: optimizer.weightDecay,
    learningRate,
    warmup: warmupEpochs,
  };
  return { ...settled, ...options };
}

/** A plan with the numbers of images that the run was started with, where the user gives none. */
export function resumedPlan(chosen: Plan, options: TrainingOptions, { limits }: StartedWith): Plan {
  const limit = options.limit ?? limits.pool;
  const testLimit = options.testLimit ?? limits.heldOut;
  return { ...chosen, limit, testLimit };
}

function requireSameMinutes({ minutes }: TrainingOptions, folder: string, { options }: StartedWith): void {
  if (minutes === undefined || minutes === options.minutes) return;
  const before = options.minutes === undefined ? 'without --minutes' : `with --minutes ${options.minutes}`;
  throw new UserError(
    `the run in ${folder} was started ${before}, not with --minutes ${minutes}: leave --minutes out, or choose another --out`,
  );
}
