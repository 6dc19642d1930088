import type { Engine } from '../../src/autograd/engine.ts';
import type { Capabilities } from '../../src/gpu/device.ts';
import type { Choices } from '../../src/kernels/tuning/choices.ts';
import type { Variant } from '../../src/kernels/tuning/variant.ts';

/**
 * From here on products of the engine run as this driver's first variant of a form (`tile`, `runs`, …) that their shapes
 * have, in so many slices where their sums can be cut; only those that have none run as the default.
 * @returns the classes that run as the form
 */
export function forceForm(
  engine: Engine,
  driver: Capabilities['driver'],
  { form, slices }: { readonly form: Variant['form']; readonly slices?: number },
): ReadonlySet<string> {
  const forced = new Set<string>();
  const get: Choices['get'] = (key, _, problem) => {
    const names = problem().candidates.map(({ name }) => name);
    const own = names.filter((name) => name.startsWith(`${form}-`));
    if (own.length > 0) forced.add(key);
    return own.find((name) => name.endsWith(`/k${slices}`)) ?? own[0];
  };
  setChoices(engine, driver, get);
  return forced;
}

/**
 * From here on products of the engine run as this variant of this driver, whatever adapter it is, where their shapes
 * can; else as the driver's default.
 */
export function forceVariant(engine: Engine, driver: Capabilities['driver'], name: string): void {
  // Two families have no sums to cut.
  const uncut = name.replace(/\/k\d+$/, '');
  setChoices(engine, driver, (key) => (/^(forward|input)/.test(key) ? uncut : name));
}

function setChoices(engine: Engine, driver: Capabilities['driver'], get: Choices['get']): void {
  const capabilities = engine.gpu.capabilities as { driver: Capabilities['driver'] };
  capabilities.driver = driver;
  Object.assign(engine, { choices: { get } });
}
