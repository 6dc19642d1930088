import type { Launch } from './launch.ts';
import type { Pipeline } from './pipeline.ts';
import { specialise } from './shader.ts';
import { unroll } from './unroll.ts';
import { warmUp } from './warm_up.ts';

/** Compiles each distinct kernel once. The key is the whole specialised source, so no knob can be forgotten in it. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #compilesAtDispatch: boolean;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #pipelines = new Map<string, Promise<Pipeline>>();

  /** @param compilesAtDispatch the driver makes machine code at a kernel's first dispatch, not at its creation */
  constructor(device: GPUDevice, compilesAtDispatch = false) {
    this.#device = device;
    this.#compilesAtDispatch = compilesAtDispatch;
  }

  get size(): number {
    return this.#pipelines.size;
  }

  /** The pipeline of a launch, compiled asynchronously at its first request. */
  get(launch: Launch): Promise<Pipeline> {
    const source = specialise(launch.shader, launch.constants ?? {});
    const key = `${launch.entry}\n${source}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#compile(launch, source);
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  async #compile(launch: Launch, source: string): Promise<Pipeline> {
    const label = `${launch.shader.name}.${launch.entry}`;
    const bindings = launch.shader.entries[launch.entry];
    if (!bindings) throw new Error(`${launch.shader.name}.wgsl has no entry point ${launch.entry}`);
    let module = this.#modules.get(source);
    if (!module) {
      module = this.#device.createShaderModule({ label, code: unroll(source) });
      this.#modules.set(source, module);
    }
    const layout = this.#device.createBindGroupLayout({
      label,
      entries: bindings.map(({ binding, type }) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type },
      })),
    });
    const pipeline = await this.#device.createComputePipelineAsync({
      label,
      layout: this.#device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: launch.entry },
    });
    const compiled = { label, pipeline, layout, bindings };
    if (this.#compilesAtDispatch) await warmUp(this.#device, compiled);
    return compiled;
  }
}
