import { platform } from '#platform';
import conv2dMatrix from '#shaders/conv2d/matrix.wgsl';
import conv2dRuns from '#shaders/conv2d/runs.wgsl';
import conv2dStaged from '#shaders/conv2d/staged.wgsl';
import conv2dStemRuns from '#shaders/conv2d/stem_runs.wgsl';
import conv2dSubgroup from '#shaders/conv2d/subgroup.wgsl';
import conv2d from '#shaders/conv2d/tile.wgsl';
import weightGradientMatrix from '#shaders/conv2d/weight_gradient_matrix.wgsl';
import weightGradientRuns from '#shaders/conv2d/weight_gradient_runs.wgsl';
import weightGradientSubgroup from '#shaders/conv2d/weight_gradient_subgroup.wgsl';
import weightGradient from '#shaders/conv2d/weight_gradient_tile.wgsl';
import matmulLines from '#shaders/matmul/lines.wgsl';
import matmulStaged from '#shaders/matmul/staged.wgsl';
import matmulSubgroup from '#shaders/matmul/subgroup.wgsl';
import matmul from '#shaders/matmul/tile.wgsl';
import { shortDigest } from '../../formats/digest.ts';
import { adapterKey, type Capabilities } from '../../gpu/device.ts';
import { Choices, type ChoiceTable, type KernelContext } from './choices.ts';
import shipped from './shipped_choices.json';
import { variantTable } from './tiles.ts';

/** The shaders of all kernels that a search chooses among. */
export const productShaders = [
  matmul,
  matmulSubgroup,
  matmulLines,
  matmulStaged,
  conv2d,
  conv2dSubgroup,
  conv2dRuns,
  conv2dStemRuns,
  conv2dMatrix,
  conv2dStaged,
  weightGradient,
  weightGradientSubgroup,
  weightGradientRuns,
  weightGradientMatrix,
];

/** The cache's entry: choices by adapter and by the hash of the kernels that they were measured with. */
const cacheName = 'kernels.json';

type Measured = Readonly<Record<string, ChoiceTable>>;

/** Hashes kept of an adapter: two builds that take turns keep what they measured. */
const mostHashes = 4;

/** What is known of this adapter: choices that were shipped, and those that were measured here earlier. */
export async function recallChoices(capabilities: Capabilities): Promise<Choices> {
  const choices = new Choices();
  choices.ship(shippedTables[shippedName(capabilities)]?.choices ?? {});
  choices.learn((await readCache())[adapterKey(capabilities)]?.[await kernelsHash()] ?? {});
  return choices;
}

/**
 * Keeps what was measured on this adapter for later processes, beside what others kept meanwhile. Where one of them
 * timed the same class, its choice stands, and is learnt: all later processes shall give the same bytes.
 * @returns why it cannot be kept, where it cannot
 */
export async function keepChoices({ capabilities, choices }: KernelContext): Promise<string | undefined> {
  const [adapter, hash] = [adapterKey(capabilities), await kernelsHash()];
  const cache = await readCache();
  const { [hash]: earlier = {}, ...others } = cache[adapter] ?? {};
  const timed = Object.entries(earlier).filter(([, name]) => name !== null);
  const all = { ...earlier, ...choices.measured, ...Object.fromEntries(timed) };
  choices.learn(all);
  const latest = [...Object.entries(others).slice(1 - mostHashes), [hash, all]];
  const text = JSON.stringify({ ...cache, [adapter]: Object.fromEntries(latest) }, null, 2);
  return platform.cache.write(cacheName, `${text}\n`);
}

/**
 * The name that choices are shipped under: a graphics card's by its driver; a software adapter's by what its kernels
 * depend on, not the name of the processor or the library.
 */
export const shippedName = ({ driver, description, subgroupMinSize }: Capabilities): string =>
  driver === 'gpu' ? description : `${driver}, subgroups of ${subgroupMinSize}`;

/** Choices that `bench/tune.mjs` found, by adapter, with the hash of the kernels that it timed. */
export const shippedTables: Readonly<
  Record<string, { readonly kernels: string; readonly choices: ChoiceTable }>
> = shipped;

/** All valid entries of the cache; what is damaged or of another program counts as absent. */
async function readCache(): Promise<Record<string, Measured>> {
  const text = await platform.cache.read(cacheName);
  if (text === undefined) return {};
  try {
    const entries = Object.entries(JSON.parse(text) as object);
    return Object.fromEntries(entries.filter(([, value]) => isRecordOf(isTable)(value)));
  } catch {
    return {};
  }
}

const isRecordOf = (holds: (value: unknown) => boolean) => (value: unknown) =>
  typeof value === 'object' && value !== null && Object.values(value).every(holds);

const isTable = isRecordOf((name) => typeof name === 'string' || name === null);

/** The hash of the kernels' text, without comments, and of the table of variants: 16 hexadecimal digits. */
export function kernelsHash(): Promise<string> {
  const code = productShaders.map(({ source }) => source.replace(/\/\/.*/g, ''));
  const text = [...code, variantTable].join('\0');
  return shortDigest(new TextEncoder().encode(text));
}
