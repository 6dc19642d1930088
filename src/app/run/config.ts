import * as v from 'valibot';
import { resolvePolicy } from '../../data/policy.ts';
import type { EncoderCard } from '../../encoder/encoder_card.ts';
import { normalisationSchema } from '../../encoder/recipe_schema.ts';
import { named, Sentence, sentence, UserError } from '../../errors.ts';
import { type EncoderOptions, parseEncoderOptions } from '../../nn/family_registry.ts';
import { optimizerNames } from '../../optim/named_optimizer.ts';
import type { PretextMethod } from '../../pretext/method.ts';
import type { PretrainOptions } from '../../pretext/options.ts';
import { type MethodSettings, methodSettings, pretextMethods } from '../../pretext/registry.ts';
import { isValue, type Kind, type Setting, type ValueOf } from '../../setting.ts';
import { type HubOrigins, hubOrigins } from '../hub/origins.ts';
import type { NetworkSettings } from '../plan/network_plan.ts';
import { networkSettings } from '../plan/network_plan.ts';
import type { NetworkOptions } from '../plan/training_plan.ts';
import type { JobContext } from '../reporter.ts';
import type { PretextSettings } from '../settings/common.ts';
import { type KeptSettings, keptSettings } from '../settings/jobs.ts';
import { writing } from './folder.ts';
import { openedData, portableData } from './portable_data.ts';

/** The version of config.json that is written. Files without one were written before versions were; they read alike. */
export const configVersion = 1;

/** A setting's row as the check of its value. */
const checkOf = <K extends Kind>({ kind }: { readonly kind: K }) =>
  v.custom<ValueOf<K>>((value) => isValue(kind, value));

/** Rows as a check of values: all optional, since each is there only as far as it was given or has a default. */
const entriesOf = (table: Readonly<Record<string, Setting>>) =>
  Object.fromEntries(Object.entries(table).map(([name, row]) => [name, v.optional(checkOf(row))]));

/** Whether an object is a whole augmentation policy. */
function isPolicy(value: Readonly<Record<string, unknown>>): boolean {
  try {
    return resolvePolicy(value, new Sentence([''])) !== undefined;
  } catch {
    return false;
  }
}

const { data, seed, imageSize, batch, chunk, epochs, learningRate } = keptSettings;

/**
 * What a run's config.json holds: all that later commands, a resume and people need to know of how it was made. Written
 * when the run begins; `kernelChoices` follows when its programs are compiled.
 */
export const runConfig = v.looseObject({
  version: v.optional(v.pipe(v.number(), v.maxValue(configVersion)), 0),
  /** The words of the command. */
  command: v.optional(v.array(v.string()), []),
  /** What the user set, and the defaults of what has one, by the settings' names. */
  options: v.pipe(
    v.looseObject({ ...entriesOf(keptSettings), data: checkOf(data), seed: checkOf(seed) }),
    v.transform((options) => {
      // Before a run could do without a pretext task, the setting was called by the task's own word.
      const { method, ...named } = options;
      return { pretext: method, ...named } as unknown as KeptSettings;
    }),
  ),
  /** The network that is trained here and, unless the run has none, the pretext task in full. */
  settings: v.looseObject({
    method: v.optional(v.string()),
    ...entriesOf(methodSettings),
    imageSize: checkOf(imageSize),
    encoder: v.custom<EncoderOptions>((value) => parseEncoderOptions(value) !== undefined),
    normalise: v.optional(normalisationSchema),
    startedFrom: v.exactOptional(v.string()),
    policy: v.pipe(v.looseObject({}), v.check(isPolicy)),
    batch: v.optional(checkOf(batch)),
    chunk: v.optional(checkOf(chunk)),
    epochs: v.optional(checkOf(epochs)),
    optimizer: v.optional(
      v.looseObject({
        name: v.picklist(optimizerNames),
        momentum: v.number(),
        weightDecay: v.number(),
      }),
    ),
    learningRate: v.optional(checkOf(learningRate)),
    warmupEpochs: v.optional(v.number()),
  }),
  adapter: v.optional(v.string(), ''),
  /** Operations and bytes a second of the adapter, from which sizes followed that the user left open. */
  speed: v.optional(v.object({ flops: v.number(), bandwidth: v.number() })),
  versions: v.optional(v.record(v.string(), v.string()), {}),
  /** Most images in memory for training, and most that score; absent where all are. */
  limits: v.optional(v.object({ pool: v.optional(v.number()), heldOut: v.optional(v.number()) }), {}),
  data: v.looseObject({
    description: v.optional(v.string(), ''),
    fingerprint: v.string(),
    unreadable: v.optional(v.array(v.object({ path: v.string(), reason: v.string() })), []),
    /** Whether the limit left out no labelled image: it did before this stood here. */
    keepsLabelled: v.optional(v.boolean(), false),
  }),
  /** Which files of the hub the settings named, so that a resume finds the same. */
  hub: v.optional(hubOrigins),
  /** The encoders that the labels were chosen among, as report.json has them. */
  encoders: v.optional(v.array(v.custom<EncoderCard>((card) => typeof card === 'object'))),
  /** Variant of each class of kernel shapes; null: the default one. */
  kernelChoices: v.optional(v.record(v.string(), v.nullable(v.string()))),
});

/** A run's config.json as it was read and checked. */
export type RunConfig = v.InferOutput<typeof runConfig>;

/**
 * Where a run's config.json says what each setting of the pretext task came to, whatever chose it. A setting without a
 * rule here does not compile, so that a resume cannot forget it; those of pretext methods are found by their names.
 */
const resolvedAs: {
  readonly [Name in Exclude<keyof PretextSettings, keyof MethodSettings> | 'imageSize']-?: (
    config: RunConfig,
  ) => KeptSettings[Name];
} = {
  imageSize: ({ settings }) => settings.imageSize,
  pretext: ({ options }) => options.pretext,
  pretextFrom: ({ options }) => options.pretextFrom,
  pretextFromConfig: ({ options }) => options.pretextFromConfig,
  minutes: ({ options }) => options.minutes,
  epochs: ({ settings }) => settings.epochs,
  batch: ({ settings }) => settings.batch,
  chunk: ({ settings }) => settings.chunk ?? settings.batch,
  policy: (config) => (hasMethodPolicy(config) ? undefined : config.settings.policy),
  family: (config) => networkOf(config).family,
  patch: (config) => networkOf(config).patch,
  blocks: (config) => networkOf(config).blocks,
  depth: (config) => networkOf(config).depth,
  width: (config) => networkOf(config).width,
  stem: (config) => networkOf(config).stem,
  optimizer: ({ settings, options }) => settings.optimizer?.name ?? options.optimizer,
  learningRate: ({ settings }) => settings.learningRate,
  momentum: ({ settings, options }) => settings.optimizer?.momentum ?? options.momentum,
  weightDecay: ({ settings }) => settings.optimizer?.weightDecay,
  warmup: ({ settings }) => settings.warmupEpochs,
  precision: ({ options }) => options.precision,
};

/** Whether the policy is the pretext method's own, which is no policy for networks that learn from labels. */
function hasMethodPolicy({ options, settings: { method, policy } }: RunConfig): boolean {
  const usual = Object.values<PretextMethod>(pretextMethods).find(({ name }) => name === method)?.policy;
  return options.policy === undefined && usual !== undefined && usual === policy.name;
}

/** The settings of the network; where the run went on from weights, whose network it has, as far as they were given. */
function networkOf({ options, settings }: RunConfig): NetworkSettings {
  return options.pretextFrom !== undefined ? options : { ...options, ...networkSettings(settings.encoder) };
}

/** What every setting of a run was, whatever chose it; those that it left open are absent. */
export function settingsOfRun(config: RunConfig): KeptSettings {
  const resolved = Object.entries(resolvedAs).map(([name, rule]) => [name, rule(config)]);
  const ofMethod = Object.keys(methodSettings).map((name) => [name, config.settings[name]]);
  return { ...config.options, ...Object.fromEntries([...resolved, ...ofMethod]) };
}

const pathOf = ({ files }: Pick<JobContext, 'files'>, folder: string) => files.join(folder, 'config.json');

/** Reads a run's config.json. @throws UserError where the folder holds none, or one that cannot be read */
export async function readConfig(context: Pick<JobContext, 'files'>, folder: string): Promise<RunConfig> {
  const path = pathOf(context, folder);
  if ((await context.files.stat(path))?.kind !== 'file') {
    throw new UserError(`${folder} holds no config.json: name the folder of an earlier run`, {
      setting: 'run',
    });
  }
  const text = new TextDecoder().decode(await context.files.read(path));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), runConfig), text, { abortEarly: true });
  if (parsed.success) return withData(parsed.output, (data) => openedData(data, folder));
  const place = v.getDotPath(parsed.issues[0]);
  if (place === 'version') {
    throw new UserError(`${path} was written by a newer version of kindred: continue the run with that one`);
  }
  throw new UserError(
    `${path} is damaged${place ? ` at ${place}` : ''}: name the folder of another run, or start anew in another folder`,
  );
}

/** What a run was started with and on. */
export interface RunFacts {
  /** What the user set, and the defaults of what has one. */
  readonly options: KeptSettings;
  /** The pretext task in full; without one the network alone. */
  readonly settings: NetworkOptions | PretrainOptions;
  /** The adapter's name. */
  readonly adapter: string;
  /** Operations and bytes a second of the adapter. */
  readonly speed: NonNullable<RunConfig['speed']>;
  /** Most images in memory for training, and most that score; absent where all are. */
  readonly limits: RunConfig['limits'];
  /** What the images are: description, fingerprint, and those that could not be read. */
  readonly data: RunConfig['data'];
  /** Where its encoders came from, where that is the hub. */
  readonly hub?: HubOrigins | undefined;
}

/** Saves every option of a run that begins, beside what it runs on. @throws UserError where nothing can be written there */
export async function writeConfig(context: JobContext, folder: string, facts: RunFacts): Promise<void> {
  const { command, versions } = context;
  const { options, settings, adapter, speed, limits, data, hub = {} } = facts;
  await save(context, folder, {
    version: configVersion,
    command,
    options,
    settings,
    adapter,
    speed,
    versions,
    limits,
    data,
    ...(Object.keys(hub).length > 0 && { hub }),
  });
}

/** Replaces parts of a run's config.json; the others stay. */
export async function changeConfig(
  context: JobContext,
  from: string,
  to: string,
  change: (config: RunConfig) => Partial<RunConfig>,
): Promise<void> {
  const config = await readConfig(context, from);
  await save(context, to, { ...config, ...change(config) });
}

/** What a config says of the run's images. */
interface WithOptions {
  readonly options: { readonly data: string };
}

/** A config whose setting `data` is changed. */
const withData = <Config extends WithOptions>(config: Config, change: (data: string) => string): Config => ({
  ...config,
  options: { ...config.options, data: change(config.options.data) },
});

function save<Config extends WithOptions>(
  context: JobContext,
  folder: string,
  config: Config,
): Promise<void> {
  const portable = withData(config, (data) => portableData(data, folder));
  const text = `${JSON.stringify(portable, null, 2)}\n`;
  return writing(sentence`${named('out', folder)}`, () =>
    context.files.writeAtomic(pathOf(context, folder), text),
  );
}
