import type { Compiled, Engine } from '../autograd/engine.ts';
import { Parameters } from '../autograd/parameters.ts';
import { backward } from '../autograd/tape.ts';
import type { Tensor } from '../autograd/tensor.ts';
import type { AugmentationPolicy } from '../data/policy.ts';
import { type Layer, linear } from '../nn/layers.ts';
import { type Encoder, type ResNetOptions, resnet } from '../nn/resnet.ts';
import { augment, type Normalisation } from '../ops/augment.ts';
import { softmaxCrossEntropy } from '../ops/softmax_cross_entropy.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { warmupCosine } from '../optim/schedule.ts';
import { sgd } from '../optim/sgd.ts';
import { Random, shuffledIndices, streams } from '../random.ts';
import { type FeatureExtractor, featureExtractor } from './features.ts';
import { ImageBank } from './image_bank.ts';

export interface ClassifierOptions {
  readonly encoder: ResNetOptions;
  /** Side of the images that the network sees, in pixels. */
  readonly imageSize: number;
  /** Images of a step. */
  readonly batch: number;
  /** Of the head, at its peak. */
  readonly learningRate: number;
  /** The encoder's share of it: 1 from scratch, less for one that knows something (arXiv 1801.06146). */
  readonly encoderRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly policy: AugmentationPolicy;
  readonly normalise?: Normalisation;
}

export interface ClassifierData {
  /** N·size·size·3 bytes, RGB. */
  readonly pixels: Uint8Array;
  /** Side of the stored images, in pixels. */
  readonly size: number;
  readonly classes: number;
}

export interface ClassifierRun {
  readonly seed: number;
  /** Steps of the whole schedule. */
  readonly steps: number;
  /** Stops after so many of them; all by default. */
  readonly until?: number;
  /** Encoder tensors to start from, as `weights` gives them; drawn from the seed by default. */
  readonly weights?: ReadonlyMap<string, Float32Array>;
  /** Linear layer to start from: weight classes × features, row-major; drawn from the seed by default. */
  readonly head?: LinearLayer;
  /** Numbers of steps behind which logits of `queries` are taken, ascending. */
  readonly snapshots?: readonly number[];
  readonly queries?: Int32Array;
  readonly onProgress?: (done: number, total: number) => void;
}

interface LinearLayer {
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

/** Steps submitted ahead of the GPU at most. */
const stepsInFlight = 2;
const inferenceBatch = 64;

/**
 * A ResNet with a linear classifier, trained on labelled images as often as wanted: from scratch, or from an encoder's
 * and a probe's weights. Training and inference are recorded once.
 */
export class ClassifierTrainer {
  readonly #engine: Engine;
  readonly #options: ClassifierOptions;
  readonly #classes: number;
  readonly #encoder: Trained;
  readonly #head: Trained;
  readonly #network: Encoder;
  readonly #bank: ImageBank;
  readonly #counter: Tensor;
  readonly #targets: Tensor;
  readonly #training: Compiled<{ loss: Tensor }>;
  readonly #extract: FeatureExtractor;

  private constructor(parts: Parts) {
    this.#engine = parts.engine;
    this.#options = parts.options;
    this.#classes = parts.classes;
    this.#encoder = parts.encoder;
    this.#head = parts.head;
    this.#network = parts.network;
    this.#bank = parts.bank;
    this.#counter = parts.counter;
    this.#targets = parts.targets;
    this.#training = parts.training;
    this.#extract = parts.extract;
  }

  /** Declares the network and records its programs. */
  static async create(
    engine: Engine,
    { pixels, size, classes }: ClassifierData,
    options: ClassifierOptions,
  ): Promise<ClassifierTrainer> {
    const { imageSize, batch, policy, normalise, momentum, weightDecay } = options;
    const [encoderParameters, headParameters] = [engine.parameters(), engine.parameters()];
    const { network, classify } = declare(encoderParameters, headParameters, options, classes, 0);
    const trained = (parameters: Parameters): Trained => ({
      parameters,
      optimizer: sgd(engine, parameters, { momentum, weightDecay }),
    });
    const [encoder, head] = [trained(encoderParameters), trained(headParameters)];
    const bank = new ImageBank(engine, pixels, size, batch);
    const counter = engine.input([2], 'u32');
    const targets = engine.input([batch], 'u32');
    const training = await engine.compile(() => {
      const views = augment(bank.images, bank.indices, counter, {
        policy,
        sourceSize: size,
        imageSize,
        ...(normalise && { normalise }),
      });
      const { loss } = softmaxCrossEntropy(classify(network.forward(views)), targets);
      backward(loss);
      encoder.optimizer.update();
      head.optimizer.update();
      return { loss };
    });
    const classifier = { forward: (x: Tensor) => classify(network.forward(x)), featureSize: classes };
    const shape = { pixels, sourceSize: size, imageSize, batch: inferenceBatch, normalise };
    const extract = await featureExtractor(engine, classifier, shape);
    const programs = { bank, counter, targets, training, extract };
    return new ClassifierTrainer({ engine, options, classes, encoder, head, network, ...programs });
  }

  /**
   * Trains anew. The same images, labels and run give the same network.
   * @returns logits [queries × classes] behind each of the snapshots
   */
  async fit(
    { images, labels }: { readonly images: Int32Array; readonly labels: Int32Array },
    run: ClassifierRun,
  ): Promise<{ snapshots: { readonly step: number; readonly logits: Float32Array }[] }> {
    const { seed, steps, until = steps, onProgress } = run;
    const engine = this.#engine;
    const { learningRate, encoderRate, batch } = this.#options;
    this.#reset(run);
    const schedule = { peak: learningRate, warmupSteps: Math.ceil(steps / 20), totalSteps: steps };
    const order = new EndlessOrder(images.length, seed);
    const snapshots: { step: number; logits: Float32Array }[] = [];
    for (let step = 0; step <= until; step++) {
      if (run.snapshots?.includes(step)) {
        snapshots.push({ step, logits: await this.logits(run.queries ?? Int32Array.of()) });
      }
      if (step === until) break;
      const chosen = order.take(batch);
      this.#bank.select(chosen.map((i) => images[i]!));
      engine.write(
        this.#targets,
        Uint32Array.from(chosen, (i) => labels[i]!),
      );
      engine.write(this.#counter, Uint32Array.of(seed, step));
      const rate = warmupCosine(schedule, step);
      this.#encoder.optimizer.prepare(step, encoderRate * rate);
      this.#head.optimizer.prepare(step, rate);
      this.#training.run();
      if (step % stepsInFlight === 1) await engine.gpu.idle();
      onProgress?.(step + 1, until);
    }
    return { snapshots };
  }

  /** Logits [images × classes] of the latest fit, in evaluation mode. */
  async logits(images: Int32Array): Promise<Float32Array> {
    return this.#extract(images);
  }

  /** The encoder's tensors by name. */
  async weights(): Promise<Map<string, Float32Array>> {
    return this.#encoder.parameters.read();
  }

  /** The classifier on the encoder's raw features: weight classes × features, row-major. */
  async head(): Promise<LinearLayer> {
    const tensors = await this.#head.parameters.read();
    return {
      weight: transpose(tensors.get('fc.weight')!, this.#network.featureSize, this.#classes),
      bias: Float64Array.from(tensors.get('fc.bias')!),
    };
  }

  /** Gives the GPU's memory back. */
  destroy(): void {
    this.#training.destroy();
    this.#extract.destroy();
    for (const { parameters, optimizer } of [this.#encoder, this.#head]) {
      parameters.destroy();
      for (const tensor of optimizer.state.values()) this.#engine.free(tensor);
    }
  }

  #reset({ seed, weights, head }: ClassifierRun): void {
    const engine = this.#engine;
    const drawn = [new Parameters(engine.gpu), new Parameters(engine.gpu)] as const;
    declare(...drawn, this.#options, this.#classes, seed);
    for (const [name, data] of weights ?? drawn[0].initial()) this.#encoder.parameters.write(name, data);
    for (const [name, data] of drawn[1].initial()) this.#head.parameters.write(name, data);
    if (head) {
      const { featureSize } = this.#network;
      // A class that the layer never predicts starts out as unlikely as float32 training can bear.
      const bias = head.bias.map((value) => Math.max(value, -20));
      this.#head.parameters.write(
        'fc.weight',
        Float32Array.from(transpose(head.weight, this.#classes, featureSize)),
      );
      this.#head.parameters.write('fc.bias', Float32Array.from(bias));
    }
    for (const { optimizer } of [this.#encoder, this.#head]) {
      for (const tensor of optimizer.state.values()) engine.write(tensor, new Float32Array(tensor.size));
    }
  }
}

interface Trained {
  readonly parameters: Parameters;
  readonly optimizer: Optimizer;
}

interface Parts {
  readonly engine: Engine;
  readonly options: ClassifierOptions;
  readonly classes: number;
  readonly encoder: Trained;
  readonly head: Trained;
  readonly network: Encoder;
  readonly bank: ImageBank;
  readonly counter: Tensor;
  readonly targets: Tensor;
  readonly training: Compiled<{ loss: Tensor }>;
  readonly extract: FeatureExtractor;
}

/** Encoder and classifier, each among parameters of its own: so each has its own learning rate. */
function declare(
  encoderParameters: Parameters,
  headParameters: Parameters,
  { encoder }: ClassifierOptions,
  classes: number,
  seed: number,
): { network: Encoder; classify: Layer } {
  const network = resnet({ parameters: encoderParameters, seed }, encoder);
  const sizes = { inputs: network.featureSize, outputs: classes, bias: true };
  return { network, classify: linear({ parameters: headParameters, seed }, 'fc', sizes) };
}

/** Shuffled passes over the numbers 0 … count − 1, one behind the other. */
class EndlessOrder {
  readonly #count: number;
  readonly #seed: number;
  #pass = 0;
  #left: number[] = [];

  constructor(count: number, seed: number) {
    this.#count = count;
    this.#seed = seed;
  }

  take(count: number): number[] {
    while (this.#left.length < count) {
      const random = new Random(this.#seed, streams.epochs + this.#pass++);
      this.#left.push(...shuffledIndices(this.#count, random));
    }
    return this.#left.splice(0, count);
  }
}

/** [rows × columns] to [columns × rows]. */
function transpose(matrix: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const transposed = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      transposed[column * rows + row] = matrix[row * columns + column]!;
  }
  return transposed;
}
