import { Engine } from '../autograd/engine.ts';
import { adapterName, type Capabilities } from '../gpu/device.ts';
import type { ChoiceTable } from '../kernels/tuning/choices.ts';
import type { JobContext, Reporter } from './reporter.ts';
import type { TuningSettings } from './settings/common.ts';

/**
 * Opens the device, says which adapter works and what would be faster, and shows how far the timing of kernels is.
 * @param fixed choices of kernels that a resumed run began with
 * @throws NoAdapterError where there is no adapter, saying what to install
 */
export async function openEngine(
  { reporter, ranks }: Pick<JobContext, 'reporter' | 'ranks'>,
  { tune }: TuningSettings = {},
  fixed?: ChoiceTable,
): Promise<Engine> {
  const engine = await Engine.create({
    ranks,
    tuning: {
      seconds: tune,
      fixed,
      onProgress: (done, total) =>
        reporter.progress({ stage: 'tuning kernels for this adapter', done, total }),
      onRefused: (message) => reporter.note(message),
      onUnkept: (reason) => tellUnkept(reporter, reason),
    },
  });
  reporter.note(`adapter: ${describeAdapter(engine.gpu.capabilities)}`);
  return engine;
}

const told = new WeakSet<Reporter>();

/** Says, once to a reporter, why the user's cache folder does not keep what is measured. */
export function tellUnkept(reporter: Reporter, reason: string | undefined): void {
  if (reason === undefined || told.has(reporter)) return;
  told.add(reporter);
  reporter.note(`what was measured of this adapter is not kept for later commands: ${reason}`);
}

/** An adapter in words, and what would be faster than it. */
export function describeAdapter(capabilities: Capabilities): string {
  const { driver } = capabilities;
  const name = adapterName(capabilities);
  if (driver === 'gpu') return name;
  if (driver === 'llvmpipe') return `${name}, on the processor; a graphics card would be far faster`;
  return `${name}, on the processor; Mesa's llvmpipe is several times faster: libvulkan1 and mesa-vulkan-drivers, in a checkout npm run setup:system`;
}
