import * as v from 'valibot';
import { platform } from '#platform';
import type { AdapterSpeed } from '../app/adapter_speed.ts';
import { UserError } from '../errors.ts';
import { adapterName, type Capabilities } from '../gpu/device.ts';
import type { ChoiceTable } from '../kernels/tuning/choices.ts';
import { terminal } from '../platform/node_terminal.ts';
import { readCheckpoint } from '../pretext/checkpoint.ts';
import type { PretrainOptions } from '../pretext/pretrain.ts';
import type { OpenedImages } from './images.ts';
import type { DataOptions, TrainingOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { startedWith } from './resume.ts';
import { writing } from './session.ts';

/** What a resume needs of config.json; the rest is for people. */
const startedRun = v.object({
  ...startedWith.entries,
  speed: v.object({ flops: v.number(), bandwidth: v.number() }),
  data: v.object({ fingerprint: v.string() }),
  /** By class of shapes; null: the default. */
  kernelChoices: v.optional(v.record(v.string(), v.nullable(v.string()))),
});

export type StartedRun = v.InferOutput<typeof startedRun>;

/** What a run was started with and on. */
export interface RunFacts {
  readonly options: TrainingOptions;
  readonly settings: PretrainOptions;
  readonly capabilities: Capabilities;
  readonly speed: AdapterSpeed;
  readonly chosen: Pick<Plan, 'limit' | 'testLimit'>;
  readonly images: Pick<OpenedImages, 'stream' | 'fingerprint' | 'unreadable'>;
}

const configPath = (folder: string) => platform.files.join(folder, 'config.json');

/**
 * Makes the run's folder and saves every resolved option beside what it ran on.
 * @throws UserError where nothing can be written there
 */
export async function writeConfig(
  folder: string,
  { options, settings, capabilities, speed, images, chosen }: RunFacts,
): Promise<void> {
  const { stream, fingerprint, unreadable } = images;
  const config = {
    command: terminal.arguments.slice(2),
    options,
    settings,
    adapter: adapterName(capabilities),
    speed,
    versions: terminal.versions(),
    limits: { pool: chosen.limit, heldOut: chosen.testLimit },
    data: { description: stream.description, fingerprint, unreadable },
  };
  await writing(`--out ${folder}`, async () => {
    await platform.files.makeFolder(folder);
    await platform.files.writeAtomic(configPath(folder), `${JSON.stringify(config, null, 2)}\n`);
  });
}

/** Adds which kernels the run's programs have: another choice would change the last bits of what a resumed run computes. */
export async function writeChoices(folder: string, kernelChoices: ChoiceTable): Promise<void> {
  const { files } = platform;
  const config = JSON.parse(new TextDecoder().decode(await files.read(configPath(folder))));
  const text = JSON.stringify({ ...config, kernelChoices }, null, 2);
  await writing(`--out ${folder}`, () => files.writeAtomic(configPath(folder), `${text}\n`));
}

/**
 * Reads what a run to be resumed was started with. Its speed stands in for a new measurement, from which other downstream
 * methods would follow.
 * @throws UserError where its checkpoint or its config.json is missing or damaged
 */
export async function readStartedRun(folder: string): Promise<StartedRun> {
  await readCheckpoint(platform.files, folder);
  const path = configPath(folder);
  const text = new TextDecoder().decode(await platform.files.read(path));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), startedRun), text);
  if (parsed.success) return parsed.output;
  throw new UserError(
    `${path} is damaged, so this run cannot be resumed: choose another --out to start anew`,
  );
}

/** @throws UserError where a resumed run would go on with other images than it was started with */
export function requireSameImages(folder: string, { data }: StartedRun, fingerprint: string): void {
  if (data.fingerprint === fingerprint) return;
  throw new UserError(
    `the images are not those that the run in ${folder} was started with: resume with the options and files of that run, or choose another --out`,
  );
}

/**
 * Makes the folder of a command that goes on from an earlier run, which may be the run's own: with that run's
 * config.json, but for what the images are now, its pretext encoder and its metrics, so that later commands can go on
 * from there.
 */
export async function continueRun(
  run: string,
  folder: string,
  data: DataOptions,
  { stream, fingerprint, unreadable }: Pick<OpenedImages, 'stream' | 'fingerprint' | 'unreadable'>,
): Promise<void> {
  const { files } = platform;
  const inPlace = run === folder;
  const stored = JSON.parse(new TextDecoder().decode(await files.read(configPath(run))));
  const config = {
    ...stored,
    ...(!inPlace && { command: terminal.arguments.slice(2), versions: terminal.versions() }),
    options: { ...stored.options, ...data },
    data: { description: stream.description, fingerprint, unreadable },
  };
  await files.makeFolder(folder);
  // The encoder that labels will take the place of a pretext run's encoder.safetensors.
  for (const name of ['pretext.safetensors', 'encoder.safetensors']) {
    const path = files.join(run, name);
    if ((await files.stat(path))?.kind !== 'file') continue;
    const copy = files.join(folder, 'pretext.safetensors');
    if (path !== copy) await files.writeAtomic(copy, await files.read(path));
    break;
  }
  const metrics = files.join(run, 'metrics.jsonl');
  if (!inPlace && (await files.stat(metrics))?.kind === 'file') {
    await files.writeAtomic(files.join(folder, 'metrics.jsonl'), await files.read(metrics));
  }
  await files.writeAtomic(configPath(folder), `${JSON.stringify(config, null, 2)}\n`);
}
