import { platform } from '#platform';
import { Engine } from '../autograd/engine.ts';
import { resolvePolicy } from '../data/policy.ts';
import type { ImageSource } from '../data/sources/image_source.ts';
import { openSource } from '../data/sources/source.ts';
import { UserError } from '../errors.ts';
import { adapterName, type Capabilities } from '../gpu/device.ts';
import type { ChoiceTable } from '../kernels/tuning/choices.ts';
import { terminal } from '../platform/node_terminal.ts';
import type { DataOptions, TuneOptions } from './options.ts';
import { sourceKind } from './plan.ts';
import { ProgressLine } from './progress.ts';

/**
 * Finds what is wrong with options before anything slow begins.
 * @throws UserError for a policy or a labels file that does not exist
 */
export async function checkOptions({ policy, labels }: DataOptions & { policy?: string }): Promise<void> {
  if (policy !== undefined) resolvePolicy(policy, '--policy');
  if (labels === undefined || labels === 'folders') return;
  const found = await platform.files.stat(labels);
  if (found?.kind === 'file') return;
  const problem = found ? 'is a folder' : 'does not exist';
  throw new UserError(
    `--labels ${labels} ${problem}: give a CSV file with the header path,label, or 'folders'`,
  );
}

/** @throws UserError where the options alone tell that no image can have a label */
export function requireLabels({ data, labels }: DataOptions): void {
  if (labels === undefined && sourceKind(data) === 'folder') throw noLabels(data);
}

export const noLabels = (data: string) =>
  new UserError(
    `${data} has no labels of its own: give --labels FILE.csv (header path,label) or --labels folders`,
  );

/** Does what writes to a place that the user named. @throws UserError where the system refuses */
export async function writing(place: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UserError) throw error;
    // Node's messages go on with the call and the temporary name.
    const [reason] = String(error instanceof Error ? error.message : error).split(',');
    throw new UserError(`${place} cannot be written (${reason}): name another place`);
  }
}

/**
 * Opens the device, says which adapter works and what would be faster, and shows how far the timing of kernels is.
 * @param fixed choices that a resumed run began with
 */
export async function openEngine({ tune }: TuneOptions = {}, fixed?: ChoiceTable): Promise<Engine> {
  const line = new ProgressLine();
  const engine = await Engine.create({
    tuning: {
      seconds: tune === false ? 0 : tune,
      fixed,
      onProgress: (done, total) => line.show(`tuning kernels for this adapter: ${done} of ${total}`),
      onRefused: (message) => line.keep(message),
      onUnkept: tellUnkept,
    },
  });
  terminal.note(`adapter: ${describeAdapter(engine.gpu.capabilities)}`);
  return engine;
}

let wasTold = false;

/** Says, once in a process, why the user's cache folder does not keep what is measured. */
export function tellUnkept(reason: string | undefined): void {
  if (reason === undefined || wasTold) return;
  wasTold = true;
  terminal.note(`what was measured of this adapter is not kept for later commands: ${reason}`);
}

export function describeAdapter(capabilities: Capabilities): string {
  const { driver } = capabilities;
  const name = adapterName(capabilities);
  if (driver === 'gpu') return name;
  if (driver === 'llvmpipe') return `${name}, on the processor; a graphics card would be far faster`;
  return `${name}, on the processor; Mesa's llvmpipe is several times faster: npm run setup -- --system`;
}

/** Reads the images with a live count. */
export async function readImages(options: DataOptions): Promise<ImageSource> {
  const { data, seed, limit, testLimit } = options;
  const onProgress = (done: number, total: number) => terminal.live(`reading images: ${done} of ${total}`);
  // A folder is decoded at the side that the network sees. Binary sets and the demo keep their own: views are cut out
  // of the larger images.
  const imageSize = sourceKind(data) === 'folder' ? options.imageSize : undefined;
  const source = await openSource(data, {
    files: platform.files,
    seed,
    limit,
    testLimit,
    imageSize,
    onProgress,
  });
  terminal.note(`data: ${source.description}`);
  if (source.unreadable.length > 0) {
    terminal.note(`skipped ${source.unreadable.length} unreadable images:`);
    for (const { path, reason } of source.unreadable.slice(0, 10)) terminal.note(`  ${path}: ${reason}`);
    if (source.unreadable.length > 10)
      terminal.note(`  and ${source.unreadable.length - 10} more, in config.json`);
  }
  return source;
}

/**
 * The run's folder: the given one, or a new one under runs/; with `resume` the newest there of the method.
 * @throws UserError where the folder holds another run, or there is none to resume
 */
export async function chooseFolder(options: {
  out?: string;
  resume?: boolean;
  method: string;
}): Promise<string> {
  const { files } = platform;
  const { out, resume, method } = options;
  if (out !== undefined) {
    const found = await files.stat(out);
    if (found?.kind === 'file') throw new UserError(`--out ${out} is a file: name a folder`);
    const content = found === undefined ? [] : await files.list(out);
    if (content.length > 0 && !resume) {
      const advice = content.includes('checkpoint.safetensors') ? 'add --resume to go on with it, or ' : '';
      throw new UserError(`--out ${out} exists and is not empty: ${advice}name another folder`);
    }
    return out;
  }
  const runs = (await files.stat('runs')) ? await files.list('runs') : [];
  const folders = [...new Set(runs.map((path) => path.split('/')[0]!))].filter((name) =>
    name.includes(`-${method}`),
  );
  if (resume) {
    const started = folders.filter((name) => runs.includes(`${name}/checkpoint.safetensors`));
    // By date, then by number: …-2 comes before …-10.
    const newest = started.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
    if (!newest)
      throw new UserError(
        `runs/ holds no ${method} run to resume: leave --resume out, or give its folder as --out`,
      );
    return files.join('runs', newest);
  }
  const base = `${terminal.date()}-${method}`;
  let name = base;
  for (let i = 2; folders.includes(name); i++) name = `${base}-${i}`;
  return files.join('runs', name);
}
