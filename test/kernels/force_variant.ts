import type { Engine } from '../../src/autograd/engine.ts';
import type { Choices } from '../../src/gpu/choices.ts';
import type { Capabilities } from '../../src/gpu/device.ts';

/**
 * From here on products of the engine run as this variant of this driver, whatever adapter it is, where their shapes
 * can; else as the driver's default.
 */
export function forceVariant(engine: Engine, driver: Capabilities['driver'], name: string): void {
  const capabilities = engine.gpu.capabilities as { driver: Capabilities['driver']; choices: Choices };
  capabilities.driver = driver;
  // Two families have no sums to cut.
  const uncut = name.replace(/\/k\d+$/, '');
  const get = (key: string) => (/^(forward|input)/.test(key) ? uncut : name);
  capabilities.choices = { get } as unknown as Choices;
}
