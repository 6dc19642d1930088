import type { Gpu } from '../gpu/device.ts';
import { align, Storage } from '../gpu/storage.ts';
import { fill } from '../kernels/elementwise.ts';
import { currentTape } from './tape.ts';
import { bytesOf, elements, requireDimensions, type Shape, Tensor } from './tensor.ts';

/** Fills a new parameter: gets its shape, returns its elements in row-major order. */
export type Initialiser = (shape: Shape) => Float32Array;

/** A named tensor of a model: trainable, or a buffer such as a running mean. */
export interface Entry {
  /** Unique in the model. */
  readonly name: string;
  /** Where the values lie. */
  readonly tensor: Tensor;
  /** Whether it has a gradient, which an optimizer follows. */
  readonly trainable: boolean;
  /** Weight decay and LARS's trust ratio leave biases and normalisation parameters out. */
  readonly decay: boolean;
  /** What its learning rate is multiplied by. */
  readonly rate: number;
}

/** How an optimizer treats a parameter. */
export interface TrainableOptions {
  /** Whether weight decay and LARS's trust ratio apply to it. */
  readonly decay: boolean;
  /** What its learning rate is multiplied by. Default 1. */
  readonly rate?: number;
}

/** Where state that no gradient trains lies. */
export interface BufferOptions {
  /** Apart from the other buffers, so that a dispatch may read it and write one of them. Default false. */
  readonly apart?: boolean;
}

interface Declared extends Entry {
  readonly initialise: Initialiser;
  readonly apart: boolean;
}

/** The memory of a model's tensors: each kind as whole storages, nearly always one. */
export interface ParameterMemory {
  /** Of the trainable tensors. */
  readonly values: readonly Storage[];
  /** Of their gradients, in the same layout. */
  readonly gradients: readonly Storage[];
  /** Of the state that no gradient trains. */
  readonly buffers: readonly Storage[];
}

/**
 * The tensors of a model under their names. Trainable ones lie in one buffer and their gradients in a second of the
 * same layout, so that an optimizer updates all of them in one dispatch; running statistics lie in a third, and
 * buffers apart in a fourth. What is more
 * than the adapter binds at once lies in several, which serves all but optimizers.
 * Memory is given at the first compile (or `place`), after which nothing more can be declared.
 */
export class Parameters {
  readonly #gpu: Gpu;
  readonly #declared: Declared[] = [];
  #destroyed = false;
  #memory: ParameterMemory | undefined;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /**
   * Declares a trainable parameter, f32.
   * @throws RangeError where the name is taken or a dimension empty; Error where memory was given already
   */
  trainable(name: string, shape: Shape, initialise: Initialiser, options: TrainableOptions): Tensor {
    const gradient = new Storage(`${name} gradient`, bytesOf(shape));
    return this.#declare(name, shape, initialise, { ...options, gradient });
  }

  /**
   * Declares state that no gradient trains, f32, such as running statistics.
   * @throws RangeError where the name is taken or a dimension empty; Error where memory was given already
   */
  buffer(name: string, shape: Shape, initialise: Initialiser, { apart = false }: BufferOptions = {}): Tensor {
    return this.#declare(name, shape, initialise, { decay: false, apart });
  }

  /** All tensors, in the order of their declaration. */
  get entries(): readonly Entry[] {
    return this.#declared;
  }

  /**
   * Values, gradients and buffers as whole storages; gives them memory at the first call.
   * @throws UserError where the adapter allows no buffer as large as one of the tensors; RangeError where an initialiser gave another number
   *   of elements
   */
  place(): ParameterMemory {
    if (this.#memory) return this.#memory;
    const trainable = this.#declared.filter((entry) => entry.trainable);
    const fixed = this.#declared.filter((entry) => !entry.trainable);
    const values = this.#layOut(
      'parameters',
      trainable.map(({ tensor }) => tensor.storage),
    );
    const gradients = this.#layOut(
      'gradients',
      trainable.map(({ tensor }) => tensor.gradient!),
    );
    const [near, apart] = [false, true].map((wanted) =>
      fixed.filter((entry) => entry.apart === wanted).map(({ tensor }) => tensor.storage),
    );
    const buffers = this.#layOut('buffers', near!);
    if (apart!.length > 0) buffers.push(...this.#layOut('buffers apart', apart!));
    this.#memory = { values, gradients, buffers };
    for (const { tensor, initialise } of this.#declared)
      this.#gpu.write(tensor.storage, initialise(tensor.shape));
    return this.#memory;
  }

  /** Records that every gradient becomes 0, for `backward` to add to. */
  clearGradients(): void {
    for (const gradients of this.place().gradients) {
      const shape = [gradients.bytes / 4];
      currentTape().dispatch(fill(shape[0]!, 0), { y: new Tensor({ shape, dtype: 'f32' }, gradients) });
    }
  }

  /** What all tensors start from, by name; needs no memory on the GPU. */
  initial(): Map<string, Float32Array> {
    return new Map(this.#declared.map(({ name, tensor, initialise }) => [name, initialise(tensor.shape)]));
  }

  /** Gives the memory back; programs that use the tensors cannot run afterwards. */
  destroy(): void {
    const { values = [], gradients = [], buffers = [] } = this.#memory ?? {};
    for (const { buffer } of [...values, ...gradients, ...buffers]) this.#gpu.destroyBuffer(buffer);
    this.#memory = undefined;
    this.#destroyed = true;
  }

  /** Whether `destroy` was called. */
  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** Copies all tensors to the host, by name. */
  async read(): Promise<Map<string, Float32Array>> {
    this.place();
    const arrays = await this.#gpu.read(this.#declared.map(({ tensor }) => tensor.storage));
    return new Map(this.#declared.map(({ name }, i) => [name, new Float32Array(arrays[i]!)]));
  }

  /** Overwrites one tensor. @throws RangeError where there is no such tensor or the number of elements differs */
  write(name: string, data: Float32Array): void {
    this.place();
    const entry = this.#declared.find((candidate) => candidate.name === name);
    if (!entry) throw new RangeError(`the model has no tensor '${name}'`);
    if (data.length !== entry.tensor.size) {
      throw new RangeError(
        `'${name}' has shape [${entry.tensor.shape.join(', ')}], not ${data.length} elements`,
      );
    }
    this.#gpu.write(entry.tensor.storage, data);
  }

  #declare(
    name: string,
    shape: Shape,
    initialise: Initialiser,
    {
      decay,
      rate = 1,
      apart = false,
      gradient,
    }: TrainableOptions & BufferOptions & { readonly gradient?: Storage },
  ): Tensor {
    if (this.#memory) throw new Error(`'${name}' is declared after the model was given memory`);
    requireDimensions(`'${name}'`, { shape, dtype: 'f32' });
    if (this.#declared.some((entry) => entry.name === name))
      throw new RangeError(`two tensors are named '${name}'`);
    const trainable = gradient !== undefined;
    const tensor = new Tensor(
      { shape, dtype: 'f32' },
      new Storage(name, bytesOf(shape)),
      trainable,
      gradient,
    );
    const checked = (wanted: Shape) => {
      const data = initialise(wanted);
      if (data.length !== elements(wanted))
        throw new RangeError(`'${name}' was initialised with ${data.length} elements`);
      return data;
    };
    this.#declared.push({ name, tensor, trainable, decay, rate, apart, initialise: checked });
    return tensor;
  }

  /** Lays parts one behind the other into as few buffers as the adapter allows; at least one, which may be empty. */
  #layOut(label: string, parts: readonly Storage[]): Storage[] {
    const groups: { bytes: number; parts: Storage[] }[] = [{ bytes: 0, parts: [] }];
    for (const part of parts) {
      const bytes = align(part.bytes);
      if (groups.at(-1)!.bytes > 0 && groups.at(-1)!.bytes + bytes > this.#gpu.largestBuffer)
        groups.push({ bytes: 0, parts: [] });
      groups.at(-1)!.bytes += bytes;
      groups.at(-1)!.parts.push(part);
    }
    for (const { bytes } of groups) this.#gpu.requireRoom(label, bytes);
    return groups.map((group) => {
      const whole = this.#gpu.storage(label, group.bytes);
      let offset = 0;
      for (const part of group.parts) {
        part.place(whole.buffer, offset);
        offset += align(part.bytes);
      }
      return whole;
    });
  }
}
