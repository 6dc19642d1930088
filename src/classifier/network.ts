import type { Engine } from '../autograd/engine.ts';
import { Parameters } from '../autograd/parameters.ts';
import type { Tensor } from '../autograd/tensor.ts';
import { named, RunError, sentence } from '../errors.ts';
import { createEncoder, type Encoder } from '../nn/encoder.ts';
import { architectureOf, type EncoderOptions } from '../nn/family_registry.ts';
import { type Layer, linear } from '../nn/layers.ts';
import { isOfAdapter, mergeAdapters } from '../nn/tuning/low_rank.ts';
import { adapterOfRank, type Tuning, tunedContext } from '../nn/tuning/tuning.ts';
import { describeUnsound, firstUnsound } from '../numerics/finite.ts';
import type { LinearHead } from '../numerics/linear_head.ts';
import { createOptimizer, type OptimizerOptions } from '../optim/named_optimizer.ts';
import type { Optimizer } from '../optim/optimizer.ts';

/** The network and how its weights move. */
export interface ClassifierNetworkOptions {
  /** The architecture. */
  readonly encoder: EncoderOptions;
  /** The encoder's share of the head's learning rate: 1 from scratch, less for one that knows something. */
  readonly encoderRate: number;
  /** What moves the weights. */
  readonly optimizer: OptimizerOptions;
  /** How the encoder is trained further. Default: all of it, at one rate. */
  readonly tuning?: Tuning;
}

/** What a network starts from. */
export interface NetworkStart {
  /** What weights, batches and augmentation are drawn from. */
  readonly seed: number;
  /** Encoder tensors by name, as `ClassifierNetwork.weights` gives them; drawn from the seed by default. */
  readonly weights?: ReadonlyMap<string, Float32Array>;
  /** What the classifier starts from; drawn from the seed by default. */
  readonly head?: LinearHead;
}

/**
 * How far a class that a given head does not know starts below the least likely of the others: it is never predicted
 * then, and its logits stay numbers.
 */
const unknownBelow = 20;

/**
 * An encoder with a linear classifier. Each has parameters and an optimizer of its own, and so its own learning rate
 * (discriminative rates, Howard & Ruder 2018, arXiv 1801.06146).
 */
export class ClassifierNetwork {
  /** How many classes there are to tell apart. */
  readonly classes: number;
  readonly #engine: Engine;
  readonly #options: ClassifierNetworkOptions;
  readonly #model: Model;
  readonly #parts: Parts<Parameters>;
  readonly #optimizers: Parts<Optimizer>;

  /** Declares the network; `start` gives it weights. */
  constructor(engine: Engine, classes: number, options: ClassifierNetworkOptions) {
    this.classes = classes;
    this.#engine = engine;
    this.#options = options;
    this.#parts = { encoder: engine.parameters(), head: engine.parameters() };
    // Seed 0 says nothing: `start` overwrites all.
    this.#model = declare(this.#parts, options, classes, 0);
    this.#optimizers = {
      encoder: createOptimizer(engine, this.#parts.encoder, options.optimizer),
      head: createOptimizer(engine, this.#parts.head, options.optimizer),
    };
  }

  /**
   * Records the forward pass: images [N, H, W, 4], the fourth channel 0, to logits [N, classes].
   * @param counter u32 [2], seed and step, in training
   */
  logits(images: Tensor, counter?: Tensor): Tensor {
    return this.#model.classify(this.#model.encoder.forward(images, counter));
  }

  /** Records a step of both optimizers, behind `backward`. */
  update(): void {
    this.#optimizers.encoder.update();
    this.#optimizers.head.update();
  }

  /** Sets the head's learning rate of a step, and the encoder's with it. Call before each run. */
  prepare(step: number, learningRate: number): void {
    this.#optimizers.encoder.prepare(step, this.#options.encoderRate * learningRate);
    this.#optimizers.head.prepare(step, learningRate);
  }

  /**
   * Forgets all training: parameters, running statistics and momenta begin anew.
   * @throws RangeError where a tensor of the encoder is missing or a given one has another size
   */
  start({ seed, weights, head }: NetworkStart): void {
    const drawn = { encoder: new Parameters(this.#engine.gpu), head: new Parameters(this.#engine.gpu) };
    declare(drawn, this.#options, this.classes, seed);
    const first = drawn.encoder.initial();
    const from = weights ?? first;
    for (const { name } of this.#parts.encoder.entries) {
      const data = isOfAdapter(name) ? first.get(name) : from.get(name);
      if (!data) throw new RangeError(`the weights to start from lack the tensor '${name}'`);
      this.#parts.encoder.write(name, data);
    }
    const layer = head ? this.#layerTensors(head) : drawn.head.initial();
    for (const [name, data] of layer) this.#parts.head.write(name, data);
    for (const { state } of Object.values(this.#optimizers)) {
      for (const tensor of state.values()) this.#engine.write(tensor, new Float32Array(tensor.size));
    }
  }

  /** The encoder's tensors by name; what adapters learned is in the weights that they stand beside. */
  async weights(): Promise<Map<string, Float32Array>> {
    const tensors = await this.#parts.encoder.read();
    const part = this.#options.tuning?.part;
    return typeof part === 'object' && 'rank' in part
      ? mergeAdapters(tensors, adapterOfRank(part.rank))
      : tensors;
  }

  /** The classifier on the encoder's raw features. */
  async head(): Promise<LinearHead> {
    const tensors = await this.#parts.head.read();
    const { featureSize } = this.#model.encoder;
    return {
      weight: transposed(tensors.get('fc.weight')!, featureSize, this.classes),
      bias: Float64Array.from(tensors.get('fc.bias')!),
    };
  }

  /**
   * Holds the weights against being numbers: kernels may turn NaN into 0, and logits of a broken network into numbers.
   * @throws RunError naming the first tensor that has a number which is not finite
   */
  async requireFinite(): Promise<void> {
    const found = firstUnsound([...(await this.#parts.encoder.read()), ...(await this.#parts.head.read())]);
    if (!found) return;
    throw new RunError(
      sentence`a network that was trained on labels diverged: its tensor '${found.name}' is broken, ${describeUnsound(found)}; choose other ${named('methods')}, or start from another encoder`,
    );
  }

  /** Gives the memory back. */
  destroy(): void {
    for (const optimizer of Object.values(this.#optimizers)) optimizer.destroy();
    for (const parameters of Object.values(this.#parts)) parameters.destroy();
  }

  #layerTensors({ weight, bias, unitLength }: LinearHead): Map<string, Float32Array> {
    if (unitLength) throw new RangeError('a head on features of length 1 is no linear layer to start from');
    const known = bias.filter((value) => value !== -Infinity);
    const unknown = Math.min(...known) - unknownBelow;
    const { featureSize } = this.#model.encoder;
    return new Map([
      ['fc.weight', Float32Array.from(transposed(weight, this.classes, featureSize))],
      ['fc.bias', Float32Array.from(bias, (value) => (value === -Infinity ? unknown : value))],
    ]);
  }
}

interface Parts<Part> {
  readonly encoder: Part;
  readonly head: Part;
}

interface Model {
  readonly encoder: Encoder;
  readonly classify: Layer;
}

function declare(
  parts: Parts<Parameters>,
  { encoder: options, tuning }: ClassifierNetworkOptions,
  classes: number,
  seed: number,
): Model {
  const architecture = architectureOf(options);
  const plain = { parameters: parts.encoder, seed };
  const context = tuning ? tunedContext(plain, architecture, tuning) : plain;
  const encoder = createEncoder(context, architecture);
  const sizes = { inputs: encoder.featureSize, outputs: classes, bias: true };
  return { encoder, classify: linear({ parameters: parts.head, seed }, 'fc', sizes) };
}

/** [rows × columns] to [columns × rows]. */
function transposed(matrix: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = matrix[row * columns + column]!;
  }
  return result;
}
