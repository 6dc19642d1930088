import { Engine } from '../../autograd/engine.ts';
import { UserError } from '../../errors.ts';
import { adapterName } from '../../gpu/device.ts';
import type { StudioFacts } from './studio.ts';

/** Which adapter there is, by opening a device as every job does. */
export async function lookAtAdapter(): Promise<Pick<StudioFacts, 'adapter' | 'software' | 'problem'>> {
  try {
    const engine = await Engine.create();
    const { capabilities } = engine.gpu;
    engine.destroy();
    return { adapter: adapterName(capabilities), software: capabilities.driver !== 'gpu', problem: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const problem =
      error instanceof UserError
        ? message
        : `the browser offers WebGPU, but gives no device (${message}): restart it, or update the driver of the graphics card`;
    return { adapter: null, software: false, problem };
  }
}
