import type { Pipeline } from './pipeline.ts';

/** Room for each binding of the trial dispatch; all offsets of it are valid. */
const bindingBytes = 256;

/**
 * Dispatches a kernel once, on scratch memory and with a uniform of zeros, where it finds nothing to do. llvmpipe
 * translates a kernel to machine code at its first dispatch, so without this the first training step would stand
 * still for all of them at once, silently.
 */
export async function warmUp(device: GPUDevice, { pipeline, layout, bindings }: Pipeline): Promise<void> {
  const { STORAGE, UNIFORM } = GPUBufferUsage;
  const scratch = (usage: GPUBufferUsageFlags) =>
    device.createBuffer({ label: 'warm-up', size: bindingBytes * bindings.length, usage });
  // A buffer that is read in a dispatch may not be written in it, so each kind of binding has a buffer of its own.
  const buffers = {
    uniform: scratch(UNIFORM),
    storage: scratch(STORAGE),
    'read-only-storage': scratch(STORAGE),
  };
  const entries = bindings.map(({ binding, type }, i) => ({
    binding,
    resource: { buffer: buffers[type], offset: bindingBytes * i, size: bindingBytes },
  }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  for (const buffer of Object.values(buffers)) buffer.destroy();
}
