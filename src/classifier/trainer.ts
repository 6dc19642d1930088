import type { Compiled, Engine } from '../autograd/engine.ts';
import { backward } from '../autograd/tape.ts';
import { placeless, type Tensor } from '../autograd/tensor.ts';
import { batchWithin } from '../encoder/batch_within.ts';
import { type FeatureExtractor, featureExtractor } from '../encoder/feature_extractor.ts';
import { ImageBank } from '../encoder/image_bank.ts';
import type { LinearHead } from '../numerics/linear_head.ts';
import {
  type AugmentationPolicy,
  drawChoices,
  type Normalisation,
  pixelScale,
  renderViews,
} from '../ops/augment.ts';
import { softmaxCrossEntropy } from '../ops/softmax_cross_entropy.ts';
import { unlabelled as none } from '../ops/unlabelled.ts';
import { warmupCosine } from '../optim/schedule.ts';
import { streams } from '../random.ts';
import { EndlessOrder } from './endless_order.ts';
import { ClassifierNetwork, type ClassifierNetworkOptions, type NetworkStart } from './network.ts';
import { SelfTraining, type SelfTrainingOptions, type SelfTrainingStep } from './self_training.ts';

/** The network, the images that it sees and how it learns from them. */
export interface ClassifierOptions extends ClassifierNetworkOptions {
  /** Side of the images that the network sees, in pixels. */
  readonly imageSize: number;
  /** Labelled images of a step; fewer where the adapter allows no step of so many. */
  readonly batch: number;
  /** Learning rate of the head, at its peak. */
  readonly learningRate: number;
  /** How the labelled images' views are drawn in training. */
  readonly policy: AugmentationPolicy;
  /** What pixels are brought to. Default `pixelScale`. */
  readonly normalise?: Normalisation;
  /** Whether a query's logits are the mean of those of the image and of its mirror image. Default false. */
  readonly mirror?: boolean;
  /** Learn from unlabelled images too. */
  readonly selfTraining?: SelfTrainingOptions;
}

/** The images that trainings and questions choose from. */
export interface ClassifierData {
  /** N·size·size·3 bytes, RGB. */
  readonly pixels: Uint8Array;
  /** Side of the stored images, in pixels. */
  readonly size: number;
  /** How many there are. */
  readonly classes: number;
}

/** What to learn from: images by their places among the pixels. */
export interface ClassifierTask {
  /** The labelled ones. */
  readonly images: Int32Array;
  /** Class of each of `images`. */
  readonly labels: Int32Array;
  /** Unlabelled ones, for self-training. */
  readonly unlabelled?: Int32Array;
}

/** One training: its start, its length and what is wanted on the way. */
export interface ClassifierRun extends NetworkStart {
  /** Steps of the whole schedule: a warm-up of a twentieth of them, then half a cosine. */
  readonly steps: number;
  /** Stops after so many of them; all by default. */
  readonly until?: number;
  /** Numbers of done steps after which logits of `queries` are taken; 0 is the start. */
  readonly snapshots?: readonly number[];
  /** Images whose logits snapshots hold, by their places among the pixels. */
  readonly queries?: Int32Array;
  /** Called after each step with the steps done and those to do. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops the training before its next step. */
  readonly signal?: AbortSignal;
}

/** What a network said of the queries on its way. */
export interface Snapshot {
  /** Steps done. */
  readonly step: number;
  /** queries × classes, row-major. */
  readonly logits: Float32Array;
}

/** Steps submitted ahead of the GPU at most. */
const stepsInFlight = 2;
const inferenceBatch = 64;

/**
 * An encoder with a linear classifier, trained on labelled images as often as wanted: from scratch, from an encoder's
 * weights, and with self-training on unlabelled images. Training and inference are recorded once.
 */
export class ClassifierTrainer {
  readonly #engine: Engine;
  readonly #options: ClassifierOptions;
  readonly #network: ClassifierNetwork;
  readonly #selfTraining: SelfTraining | undefined;
  readonly #bank: ImageBank;
  readonly #counter: Tensor;
  readonly #targets: Tensor;
  readonly #training: Compiled<{ loss: Tensor }>;
  readonly #extract: FeatureExtractor;

  private constructor(engine: Engine, options: ClassifierOptions, parts: Parts) {
    this.#engine = engine;
    this.#options = options;
    this.#network = parts.network;
    this.#selfTraining = parts.selfTraining;
    this.#bank = parts.bank;
    this.#counter = parts.counter;
    this.#targets = parts.targets;
    this.#training = parts.training;
    this.#extract = parts.extract;
  }

  /** Declares the network and records its programs. @throws UserError where the adapter's buffers are too small */
  static async create(
    engine: Engine,
    { pixels, size, classes }: ClassifierData,
    options: ClassifierOptions,
  ): Promise<ClassifierTrainer> {
    const { imageSize, policy, normalise = pixelScale, mirror } = options;
    const network = new ClassifierNetwork(engine, classes, options);
    const views = { policy, sourceSize: size, imageSize, normalise };
    const lossOf = (
      selfTraining: SelfTraining | undefined,
      taken: Omit<SelfTrainingStep, 'network' | 'views'>,
    ) => {
      if (selfTraining) return selfTraining.loss({ ...taken, network, views });
      const { bank, counter, targets } = taken;
      const draws = drawChoices(bank.numbers, counter, views);
      const logits = network.logits(renderViews(bank.images, bank.indices, draws, views), counter);
      return softmaxCrossEntropy(logits, targets).loss;
    };
    const selfTrainingOf = (batch: number) =>
      options.selfTraining && new SelfTraining(engine, batch, classes, options.selfTraining);
    const batch = batchWithin(engine, options.batch, (few) => {
      const selfTraining = selfTrainingOf(few);
      const rows = placeless([few + (selfTraining?.unlabelled ?? 0)], 'u32');
      const images = placeless([Math.ceil((3 * size ** 2) / 4)], 'u32');
      const bank = { images, indices: rows, numbers: rows };
      const loss = lossOf(selfTraining, { bank, counter: placeless([2], 'u32'), targets: rows });
      selfTraining?.destroy();
      backward(loss);
      return { loss };
    });
    const selfTraining = selfTrainingOf(batch);
    const rows = batch + (selfTraining?.unlabelled ?? 0);
    const bank = new ImageBank(engine, pixels, size, rows);
    const counter = engine.input([2], 'u32');
    const targets = engine.input([rows], 'u32');
    const training = await engine.compile(() => {
      const loss = lossOf(selfTraining, { bank, counter, targets });
      backward(loss);
      network.update();
      return { loss };
    });
    const classifier = { forward: (images: Tensor) => network.logits(images), featureSize: classes };
    const shape = { pixels, sourceSize: size, imageSize, batch: inferenceBatch, normalise, mirror };
    const extract = await featureExtractor(engine, classifier, shape);
    const parts = { network, selfTraining, bank, counter, targets, training, extract };
    return new ClassifierTrainer(engine, { ...options, batch }, parts);
  }

  /**
   * Trains anew. The same task and run give the same network.
   * @throws RangeError without an image to learn from; RunError where the network diverges; whatever `signal` was aborted
   *   with
   */
  async fit(task: ClassifierTask, run: ClassifierRun): Promise<{ snapshots: Snapshot[] }> {
    const { seed, steps, until = steps, queries = Int32Array.of(), onProgress, signal } = run;
    const schedule = {
      peak: this.#options.learningRate,
      warmupSteps: Math.ceil(steps / 20),
      totalSteps: steps,
    };
    const batches = this.#batches(task, seed);
    this.#network.start(run);
    this.#selfTraining?.start();
    const snapshots: Snapshot[] = [];
    for (let step = 0; step <= until; step++) {
      signal?.throwIfAborted();
      if (run.snapshots?.includes(step)) snapshots.push({ step, logits: await this.logits(queries) });
      if (step === until) break;
      const { images, targets } = batches();
      this.#bank.select(images);
      this.#engine.write(this.#targets, targets);
      this.#engine.write(this.#counter, Uint32Array.of(seed, step));
      this.#selfTraining?.prepare(seed, step);
      this.#network.prepare(step, warmupCosine(schedule, step));
      this.#training.run();
      if ((step + 1) % stepsInFlight === 0) await this.#engine.gpu.idle();
      onProgress?.(step + 1, until);
    }
    await this.#network.requireFinite();
    return { snapshots };
  }

  /**
   * Logits of the latest fit in evaluation mode, images × classes, row-major.
   * @param images by their places among the pixels
   */
  logits(images: Int32Array, onProgress?: (done: number, total: number) => void): Promise<Float32Array> {
    return this.#extract(images, onProgress);
  }

  /** The encoder's tensors of the latest fit by name, in the engine's layout. */
  weights(): Promise<Map<string, Float32Array>> {
    return this.#network.weights();
  }

  /** The latest fit's classifier on the encoder's raw features. */
  head(): Promise<LinearHead> {
    return this.#network.head();
  }

  /** Gives the GPU's memory back. */
  destroy(): void {
    this.#training.destroy();
    this.#extract.destroy();
    this.#bank.destroy();
    this.#selfTraining?.destroy();
    this.#network.destroy();
    this.#engine.free(this.#counter);
    this.#engine.free(this.#targets);
  }

  /** Draws a step's images and their classes: unlabelled ones first, where the training learns from them. */
  #batches({ images, labels, unlabelled = Int32Array.of() }: ClassifierTask, seed: number) {
    const { batch } = this.#options;
    const extra = this.#selfTraining?.unlabelled ?? 0;
    const order = new EndlessOrder(images.length, seed, streams.epochs);
    const others =
      extra > 0 ? new EndlessOrder(unlabelled.length, seed, streams.unlabelledBatches) : undefined;
    return () => {
      const chosen = order.take(batch);
      const guessed = others?.take(extra) ?? [];
      return {
        images: [...guessed.map((i) => unlabelled[i]!), ...chosen.map((i) => images[i]!)],
        targets: Uint32Array.from([...guessed.map(() => none), ...chosen.map((i) => labels[i]!)]),
      };
    };
  }
}

interface Parts {
  readonly network: ClassifierNetwork;
  readonly selfTraining: SelfTraining | undefined;
  readonly bank: ImageBank;
  readonly counter: Tensor;
  readonly targets: Tensor;
  readonly training: Compiled<{ loss: Tensor }>;
  readonly extract: FeatureExtractor;
}
