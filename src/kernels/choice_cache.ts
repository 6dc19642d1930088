import { platform } from '#platform';
import conv2d from '#shaders/conv2d.wgsl';
import conv2dMatrix from '#shaders/conv2d_matrix.wgsl';
import conv2dRuns from '#shaders/conv2d_runs_subgroup.wgsl';
import conv2dSubgroup from '#shaders/conv2d_subgroup.wgsl';
import weightGradient from '#shaders/conv2d_weight_gradient.wgsl';
import weightGradientMatrix from '#shaders/conv2d_weight_gradient_matrix.wgsl';
import weightGradientRuns from '#shaders/conv2d_weight_gradient_runs_subgroup.wgsl';
import weightGradientSubgroup from '#shaders/conv2d_weight_gradient_subgroup.wgsl';
import matmul from '#shaders/matmul.wgsl';
import matmulSubgroup from '#shaders/matmul_subgroup.wgsl';
import type { ChoiceTable } from '../gpu/choices.ts';
import type { Capabilities } from '../gpu/device.ts';
import shipped from './shipped_choices.json';
import { variantTable } from './tiles.ts';

/** Those of the product kernels. */
export const productShaders = [
  matmul,
  matmulSubgroup,
  conv2d,
  conv2dSubgroup,
  conv2dRuns,
  conv2dMatrix,
  weightGradient,
  weightGradientSubgroup,
  weightGradientRuns,
  weightGradientMatrix,
];

/** The cache's entry: for each adapter what was measured, and on which kernels. */
const cacheName = 'kernels.json';

interface Measured {
  /** Hash of the kernels' text and of the table of variants: with others the choices hold no more. */
  readonly kernels: string;
  readonly choices: ChoiceTable;
}

/** Brings in what is known of this adapter: choices that were shipped, and those that were measured here earlier. */
export async function recallChoices(capabilities: Capabilities): Promise<void> {
  const { choices } = capabilities;
  choices.ship((shipped as Record<string, ChoiceTable>)[shippedName(capabilities)] ?? {});
  const measured = (await readCache())[cacheKey(capabilities)];
  if (measured?.kernels === (await kernelsHash())) choices.learn(measured.choices);
}

/** Keeps what was measured on this adapter for later processes. */
export async function keepChoices(capabilities: Capabilities): Promise<void> {
  const own: Measured = { kernels: await kernelsHash(), choices: capabilities.choices.measured };
  const all = { ...(await readCache()), [cacheKey(capabilities)]: own };
  await platform.cache.write(cacheName, `${JSON.stringify(all, null, 2)}\n`);
}

/** A graphics card by its name; a software adapter by what its kernels depend on, not the processor's or library's. */
export const shippedName = ({ driver, description, subgroupMinSize }: Capabilities): string =>
  driver === 'gpu' ? description : `${driver}, subgroups of ${subgroupMinSize}`;

const cacheKey = ({ driver, description }: Capabilities): string => `${driver}: ${description}`;

/** All valid entries of the cache; what is damaged or of another program counts as absent. */
async function readCache(): Promise<Record<string, Measured>> {
  const text = await platform.cache.read(cacheName);
  if (text === undefined) return {};
  try {
    const entries = Object.entries(JSON.parse(text) as object);
    return Object.fromEntries(entries.filter(([, value]) => isMeasured(value)));
  } catch {
    return {};
  }
}

function isMeasured(value: unknown): value is Measured {
  if (typeof value !== 'object' || value === null) return false;
  const { kernels, choices } = value as Partial<Measured>;
  if (typeof kernels !== 'string' || typeof choices !== 'object' || choices === null) return false;
  return Object.values(choices).every((name) => typeof name === 'string' || name === null);
}

async function kernelsHash(): Promise<string> {
  const text = [...productShaders.map(({ source }) => source), variantTable].join('\0');
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
