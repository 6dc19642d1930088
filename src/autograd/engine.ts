import { platform } from '#platform';
import { Gpu, type ProgramNeeds } from '../gpu/device.ts';
import { type CompileProgress, needsOf, Program } from '../gpu/program.ts';
import type { Choices } from '../kernels/tuning/choices.ts';
import { Tuner, type TuningOptions } from '../kernels/tuning/tuner.ts';
import { toHalves, toNumbers } from '../numerics/half.ts';
import { Parameters } from './parameters.ts';
import type { Ranks } from './ranks.ts';
import { Tape, withTape } from './tape.ts';
import {
  bytesOf,
  type DType,
  describeSpec,
  elements,
  requireDimensions,
  type Shape,
  Tensor,
  type TensorSpec,
} from './tensor.ts';

/** What an engine is created with. */
export interface EngineOptions {
  /**
   * The search for the fastest kernels of this adapter, which takes place in `compile`. Without these options nothing
   * is timed: what earlier searches found here, or is shipped, is used.
   */
  readonly tuning?: TuningOptions;
  /** The processes that share each batch of its programs that train. */
  readonly ranks?: Ranks | undefined;
}

/** How a program is recorded and compiled. */
export interface CompileOptions {
  /** False: batch norm takes its running statistics and nothing is remembered for gradients. Default true. */
  readonly training?: boolean;
  /** Hears how many kernels are compiled, of how many. */
  readonly onProgress?: CompileProgress;
}

/** Typed elements of a tensor on the host. */
export type HostArray = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** The engine: one device, its tensors and compiled programs, alike in Node and in a page. */
export class Engine {
  /** The device, and what its adapter offers. */
  readonly gpu: Gpu;
  /** Which kernels run at which shapes, where that was measured on this adapter or is shipped. */
  readonly choices: Choices;
  /** The processes that share each batch of its programs that train; undefined where it has them for itself. */
  readonly ranks: Ranks | undefined;
  readonly #stores: Parameters[] = [];
  readonly #tuner: Tuner;

  private constructor(gpu: Gpu, tuner: Tuner, ranks: Ranks | undefined) {
    this.gpu = gpu;
    this.ranks = ranks;
    this.choices = tuner.choices;
    this.#tuner = tuner;
  }

  /** Picks the adapter. @throws NoAdapterError saying what to install where the machine has none */
  static async create({ tuning, ranks }: EngineOptions = {}): Promise<Engine> {
    const gpu = await Gpu.create(platform.gpu);
    return new Engine(gpu, await Tuner.create(gpu, tuning), ranks);
  }

  /** An empty set of named tensors for a model to declare its own in. */
  parameters(): Parameters {
    const store = new Parameters(this.gpu);
    this.#stores.push(store);
    return store;
  }

  /**
   * A tensor that the host writes: a batch, indices, a learning rate. Zeroed, or holding `data`.
   * @throws RangeError where the shape has an empty dimension, or `data` another number of elements or another type
   */
  input(shape: Shape, dtype: DType = 'f32', data?: Float32Array | Uint32Array): Tensor {
    requireDimensions('input', { shape, dtype });
    if (data) requireData({ shape, dtype }, data, data.length === elements(shape));
    const tensor = new Tensor({ shape, dtype }, this.gpu.storage('input', bytesOf(shape, dtype)));
    if (data) this.write(tensor, data);
    return tensor;
  }

  /**
   * Overwrites a tensor from its start, or a whole f16 tensor, whose numbers are rounded to the nearest.
   * @throws RangeError where `data` is longer than the tensor or of another type
   */
  write(tensor: Tensor, data: Float32Array | Uint32Array): void {
    const isHalf = tensor.dtype === 'f16';
    requireData(tensor, data, isHalf ? data.length === tensor.size : data.length <= tensor.size);
    this.gpu.write(tensor.storage, isHalf ? toHalves(data as Float32Array) : data);
  }

  /** Copies tensors to the host, in one wait. Float tensors give Float32Array, u32 tensors Uint32Array. */
  async read(...tensors: readonly Tensor[]): Promise<HostArray[]> {
    const arrays = await this.gpu.read(tensors.map((tensor) => tensor.storage));
    return arrays.map((array, i) => {
      const { dtype } = tensors[i]!;
      if (dtype === 'f16') return toNumbers(new Uint16Array(array));
      return dtype === 'f32' ? new Float32Array(array) : new Uint32Array(array);
    });
  }

  /**
   * Records what `body` computes and makes it a program to run again and again. The tensors that it returns can be read
   * after a run; all others share memory by their lifetimes. Where kernels were tuned for it, `body` is called a second
   * time, and only what it then records and returns counts.
   */
  async compile<Outputs extends Readonly<Record<string, Tensor>>>(
    body: () => Outputs,
    options: CompileOptions = {},
  ): Promise<Compiled<Outputs>> {
    let recorded = this.#record(body, options);
    if (await this.#tuner.tune()) recorded = this.#record(body, options);
    const { tape, outputs } = recorded;
    for (const store of this.#stores) if (!store.destroyed) store.place();
    const program = await Program.build(this.gpu, tape.recording, options.onProgress);
    return new Compiled(this, program, outputs);
  }

  /**
   * What a program of `body` would ask of the adapter; with default kernels, so that what follows from it is the same
   * before and after tuning. Takes no memory: `body` may use parameters and other tensors that have none.
   */
  planned(body: () => Readonly<Record<string, Tensor>>, options: CompileOptions = {}): ProgramNeeds {
    const { tape } = this.choices.withDefaults(() => this.#record(body, options));
    return needsOf(tape.recording);
  }

  #record<Outputs extends Readonly<Record<string, Tensor>>>(
    body: () => Outputs,
    options: CompileOptions = {},
  ): { tape: Tape; outputs: Outputs } {
    const evaluates = options.training === false;
    const context = { capabilities: this.gpu.capabilities, choices: this.choices };
    const tape = new Tape(context, evaluates ? undefined : this.ranks);
    if (evaluates) {
      tape.evaluation = true;
      tape.training = tape.gradients = false;
    }
    const outputs = withTape(tape, body);
    for (const output of Object.values(outputs)) output.storage.kept = true;
    return { tape, outputs };
  }

  /** Gives the memory of an `input` tensor back; programs that use it cannot run afterwards. */
  free(tensor: Tensor): void {
    this.gpu.destroyBuffer(tensor.storage.buffer);
  }

  /** Gives the device back; the process can end. */
  destroy(): void {
    this.gpu.destroy();
  }
}

function requireData(spec: TensorSpec, data: Float32Array | Uint32Array, fits: boolean): void {
  const type = data instanceof Uint32Array ? 'u32' : 'f32';
  if (!fits || (type === 'u32') !== (spec.dtype === 'u32'))
    throw new RangeError(`${describeSpec(spec)} cannot take ${data.length} elements of ${type}`);
}

/** A recorded program with its outputs. */
export class Compiled<Outputs extends Readonly<Record<string, Tensor>>> {
  /** The kernel calls, ready to run. */
  readonly program: Program;
  /** The tensors that the recording returned. */
  readonly outputs: Outputs;
  readonly #engine: Engine;

  constructor(engine: Engine, program: Program, outputs: Outputs) {
    this.#engine = engine;
    this.program = program;
    this.outputs = outputs;
  }

  /**
   * Submits one run; `read` or `engine.gpu.idle()` waits for it.
   * @returns where the host has work in between, as among ranks: a promise that all is submitted
   */
  run(): Promise<void> | undefined {
    return this.program.run();
  }

  /** The outputs of the latest run, on the host. */
  async read(): Promise<{ [Name in keyof Outputs]: HostArray }> {
    const names = Object.keys(this.outputs) as (keyof Outputs)[];
    const arrays = await this.#engine.read(...names.map((name) => this.outputs[name]!));
    return Object.fromEntries(names.map((name, i) => [name, arrays[i]!])) as {
      [Name in keyof Outputs]: HostArray;
    };
  }

  /** Gives the program's planned memory back; it cannot run afterwards. */
  destroy(): void {
    this.program.destroy();
  }
}
