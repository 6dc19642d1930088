import * as v from 'valibot';
import { named, sentence, UserError } from '../../errors.ts';
import { parseEncoderOptions } from '../../nn/family_registry.ts';
import { isValue } from '../../setting.ts';
import { type HubOrigins, hubOrigins } from '../hub/origins.ts';
import type { TrainingPlan } from '../plan/training_plan.ts';
import type { JobContext } from '../reporter.ts';
import { writing } from '../run/folder.ts';
import { type ComparedSettings, type CompareSettings, comparedSettings } from '../settings/compare.ts';
import { givenOf, resolveSettings } from '../settings/resolve.ts';

/** The file by which a comparison's folder is known. */
export const planName = 'plan.json';
const planVersion = 1;

const known = (name: string, value: unknown) =>
  Object.hasOwn(comparedSettings, name) &&
  isValue(comparedSettings[name as keyof typeof comparedSettings].kind, value);

const schema = v.object({
  version: v.pipe(v.number(), v.maxValue(planVersion)),
  command: v.array(v.string()),
  /** What the user set, and the defaults of what has one. */
  settings: v.pipe(
    v.record(v.string(), v.unknown()),
    v.check((settings) => Object.entries(settings).every(([name, value]) => known(name, value))),
  ),
  /** The sizes of the work, whatever chose them. */
  plan: v.object({
    encoder: v.custom<TrainingPlan['encoder']>((value) => parseEncoderOptions(value) !== undefined),
    imageSize: v.number(),
    batch: v.number(),
    limit: v.optional(v.number()),
    testLimit: v.optional(v.number()),
    pairs: v.number(),
  }),
  /** SHA-256 of the images in memory. */
  fingerprint: v.string(),
  adapter: v.string(),
  versions: v.record(v.string(), v.string()),
  /** Which files of the hub the settings named, so that a resume finds the same. */
  hub: v.optional(hubOrigins),
  /** Epochs of each method whose pace was measured. */
  epochs: v.record(v.string(), v.number()),
});

/** What a comparison was started with and on, and what it measured on the way. */
export type ComparisonPlan = Omit<v.InferOutput<typeof schema>, 'version' | 'settings' | 'plan' | 'hub'> & {
  readonly settings: ComparedSettings;
  readonly plan: TrainingPlan;
  readonly hub?: HubOrigins | undefined;
};

/** @throws UserError where nothing can be written there */
export async function writePlan({ files }: JobContext, folder: string, plan: ComparisonPlan): Promise<void> {
  const text = `${JSON.stringify({ version: planVersion, ...plan }, null, 2)}\n`;
  await writing(sentence`${named('out', folder)}`, () =>
    files.writeAtomic(files.join(folder, planName), text),
  );
}

/** @throws UserError where the folder holds no comparison, or one that cannot be read */
export async function readPlan({ files }: JobContext, folder: string): Promise<ComparisonPlan> {
  const path = files.join(folder, planName);
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError(
      sentence`${named('out', folder)} holds no comparison to go on with: leave ${named('resume')} out, or name another folder`,
    );
  const text = new TextDecoder().decode(await files.read(path));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text, { abortEarly: true });
  if (parsed.success) {
    const { version: _, settings, plan, ...others } = parsed.output;
    const { limit, testLimit } = plan;
    return {
      ...others,
      settings: resolveSettings(comparedSettings, settings),
      plan: { ...plan, limit, testLimit },
    };
  }
  if (v.getDotPath(parsed.issues[0]) === 'version')
    throw new UserError(`${path} was written by a newer version of kindred: go on with that one`);
  throw new UserError(
    sentence`${path} is damaged, so this comparison cannot be gone on with: choose another ${named('out')}`,
  );
}

/**
 * The settings of a comparison that is gone on with: as it was started, but for which methods are compared.
 * @throws UserError where the user gives another value of any other setting
 */
export function resumedComparison(
  given: CompareSettings,
  folder: string,
  { settings }: ComparisonPlan,
): ComparedSettings {
  const { methods, ...others } = givenOf(comparedSettings, given);
  const before = settings as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(others)) {
    if (JSON.stringify(before[name]) === JSON.stringify(value)) continue;
    const was =
      before[name] === undefined ? 'without it' : sentence`with ${named(name, textOf(before[name]))}`;
    throw new UserError(
      sentence`the comparison in ${folder} was started ${was}, not with ${named(name, textOf(value))}: leave ${named(name)} as it was, or choose another ${named('out')}`,
    );
  }
  return { ...settings, ...(methods && { methods }) };
}

const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.join(',') : typeof value === 'object' ? JSON.stringify(value) : String(value);
