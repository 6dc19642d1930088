import * as v from 'valibot';
import { platform } from '#platform';
import { UserError } from '../errors.ts';

/** What later commands need of a run's config.json. */
const storedRun = v.object({
  options: v.looseObject({
    data: v.string(),
    seed: v.number(),
    labels: v.optional(v.string()),
    labelsPerClass: v.optional(v.number()),
    limit: v.optional(v.number()),
    testLimit: v.optional(v.number()),
  }),
  settings: v.looseObject({
    imageSize: v.number(),
    encoder: v.object({
      depth: v.picklist([18, 34]),
      width: v.number(),
      stem: v.picklist(['cifar', 'imagenet']),
    }),
  }),
});

export type StoredRun = v.InferOutput<typeof storedRun>;

/** Reads what a run was made of. @throws UserError where the folder holds no run */
export async function readStoredRun(folder: string): Promise<StoredRun> {
  const { files } = platform;
  const path = files.join(folder, 'config.json');
  if ((await files.stat(path))?.kind !== 'file') {
    throw new UserError(`--run ${folder} holds no config.json: name the folder of an earlier run`);
  }
  const text = new TextDecoder().decode(await files.read(path));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), storedRun), text);
  if (parsed.success) return parsed.output;
  throw new UserError(`${path} is damaged or of another version: name the folder of another run`);
}
