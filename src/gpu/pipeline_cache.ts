import type { Launch } from './launch.ts';
import { type MatrixSyntax, withOrderFlags } from './matrix_units.ts';
import type { Pipeline } from './pipeline.ts';
import { specialise } from './shader.ts';
import { unroll } from './unroll.ts';
import { warmUp } from './warm_up.ts';

/** What a driver needs to have its kernels compiled. */
export interface CompilerTraits {
  /** The driver makes machine code at a kernel's first dispatch, not at its creation. */
  readonly compilesAtDispatch?: boolean;
  /** How its WGSL writes the order of subgroup matrices; undefined without them. */
  readonly matrixSyntax?: MatrixSyntax | undefined;
}

/** Compiles each distinct kernel once. The key is the whole specialised source, so no knob can be forgotten in it. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #options: CompilerTraits;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #pipelines = new Map<string, Promise<Pipeline>>();

  constructor(device: GPUDevice, options: CompilerTraits = {}) {
    this.#device = device;
    this.#options = options;
  }

  /** How many distinct kernels were asked for. */
  get size(): number {
    return this.#pipelines.size;
  }

  /**
   * The pipeline of a launch, compiled asynchronously at its first request.
   * @throws RangeError where its WGSL lacks the entry point or one of the constants; Error where it does not compile
   */
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
    if (!bindings) throw new RangeError(`${launch.shader.name}.wgsl has no entry point ${launch.entry}`);
    let module = this.#modules.get(source);
    if (!module) {
      const unrolled = unroll(source);
      const code = this.#options.matrixSyntax === 'flag' ? withOrderFlags(unrolled) : unrolled;
      module = this.#device.createShaderModule({ label, code });
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
    if (this.#options.compilesAtDispatch) await warmUp(this.#device, compiled);
    return compiled;
  }
}
