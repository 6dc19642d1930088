import { NoAdapterError } from '../errors.ts';
import type { GpuAccess } from '../platform/platform.ts';
import { matrixFeature } from './matrix_units.ts';

/**
 * A device with the features that are offered. Some drivers offer half floats and then give no device with them: those are
 * asked again without, since everything works without them too.
 * @throws NoAdapterError where there is none either way
 */
export async function requestDevice(
  access: GpuAccess,
  adapter: GPUAdapter,
  offered: readonly GPUFeatureName[],
  requiredLimits: Record<string, number>,
): Promise<{ device: GPUDevice; requiredFeatures: readonly GPUFeatureName[] }> {
  const ask = (requiredFeatures: readonly GPUFeatureName[], from: GPUAdapter) =>
    from.requestDevice({ requiredFeatures: [...requiredFeatures], requiredLimits });
  const plain = offered.filter((feature) => feature !== 'shader-f16' && feature !== matrixFeature);
  try {
    const device = await ask(offered, adapter);
    if (device) return { device, requiredFeatures: offered };
  } catch (error) {
    if (plain.length === offered.length) throw error;
    // An adapter gives one device, also where that failed.
    return { device: await ask(plain, await access.requestAdapter()), requiredFeatures: plain };
  }
  throw new NoAdapterError('the WebGPU adapter gave no device: restart the program or the browser');
}
