import type { BufferOptions, Entry, Initialiser, Parameters, TrainableOptions } from './parameters.ts';
import type { Shape, Tensor } from './tensor.ts';

/** Where layers declare their tensors: a model's, or one of its parts'. */
export type ParameterStore = Pick<Parameters, 'trainable' | 'buffer' | 'entries' | 'read'>;

/**
 * The tensors of one part of a model, such as its encoder, in the memory of the whole: one optimizer moves all parts,
 * and what is read or exported here is this part alone. Names are unique in the whole.
 */
export class ParameterPart implements ParameterStore {
  readonly #whole: Parameters;
  readonly #names = new Set<string>();
  readonly #start: ReadonlyMap<string, Float32Array> | undefined;

  /** @param start what the part's tensors begin as, by name, in place of what their layers would draw */
  constructor(whole: Parameters, start?: ReadonlyMap<string, Float32Array>) {
    this.#whole = whole;
    this.#start = start;
  }

  /**
   * Declares a trainable parameter, f32.
   * @throws RangeError where the whole has the name, or what the part starts from has not; Error where the whole was
   *   given memory already
   */
  trainable(name: string, shape: Shape, initialise: Initialiser, options: TrainableOptions): Tensor {
    const tensor = this.#whole.trainable(name, shape, this.#initialiser(name, initialise), options);
    this.#names.add(name);
    return tensor;
  }

  /**
   * Declares state that no gradient trains, f32, such as running statistics.
   * @throws RangeError where the whole has the name, or what the part starts from has not; Error where the whole was
   *   given memory already
   */
  buffer(name: string, shape: Shape, initialise: Initialiser, options?: BufferOptions): Tensor {
    const tensor = this.#whole.buffer(name, shape, this.#initialiser(name, initialise), options);
    this.#names.add(name);
    return tensor;
  }

  /** The part's tensors, in the order of their declaration. */
  get entries(): readonly Entry[] {
    return this.#whole.entries.filter(({ name }) => this.#names.has(name));
  }

  /** Copies the part's tensors to the host, by name. */
  async read(): Promise<Map<string, Float32Array>> {
    const all = await this.#whole.read();
    return new Map([...all].filter(([name]) => this.#names.has(name)));
  }

  #initialiser(name: string, drawn: Initialiser): Initialiser {
    if (!this.#start) return drawn;
    const given = this.#start.get(name);
    if (!given) throw new RangeError(`the weights to start from lack the tensor '${name}'`);
    return () => given;
  }
}
