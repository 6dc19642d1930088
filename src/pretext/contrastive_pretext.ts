import type { Compiled, Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import type { Tensor } from '../autograd/tensor.ts';
import { ImageBank } from '../encoder/image_bank.ts';
import type { CompileProgress } from '../gpu/program.ts';
import type { Encoder } from '../nn/resnet.ts';
import { unlabelled } from '../ops/sup_con.ts';
import { LossScale } from '../optim/loss_scale.ts';
import { createOptimizer } from '../optim/named_optimizer.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { chunkedStep } from './chunked_step.ts';
import { type ContrastiveOptions, contrastiveModel, methodOf } from './contrastive_model.ts';
import { type ContrastiveStep, wholeStep } from './contrastive_step.ts';
import { requirePrecision } from './precision.ts';
import { learnsFromLabels } from './pretext_method.ts';

/** The images in memory, with their classes for the methods that learn from them: −1 is unknown. */
export interface PretextImages {
  readonly pixels: Uint8Array;
  /** Side of the images, in pixels. */
  readonly size: number;
  readonly labels?: Int32Array;
}

/** Means over the steps of an epoch. */
export interface EpochMeans {
  readonly loss: number;
  /** Share of views whose nearest of all others is their partner; in `supcon`, is one of their class. */
  readonly contrastiveTop1: number;
  /** Mean cosine similarity of partners; in `supcon`, of views of one class. */
  readonly positiveSimilarity: number;
  /** In f16: the loss scale at the end, and how many steps of the run were skipped because gradients overflowed. */
  readonly lossScale?: number;
  readonly skippedSteps?: number;
}

/** A model with a contrastive loss, and its compiled training step. */
export class ContrastivePretext {
  readonly parameters: Parameters;
  readonly encoder: Encoder;
  readonly optimizer: Optimizer;
  /** In f16 alone. */
  readonly lossScale: LossScale | undefined;
  /** Loss [1] and metrics [2], summed on the GPU over the steps of an epoch. */
  readonly sums: { readonly loss: Tensor; readonly metrics: Tensor };
  readonly #engine: Engine;
  readonly #step: ContrastiveStep;
  readonly #bank: ImageBank;
  readonly #counter: Tensor;
  readonly #seed: number;
  /** Classes of the stored images; undefined where the method does not learn from them. */
  readonly #classes: Int32Array | undefined;
  /** u32 [2·batch] */
  readonly #labels: Tensor;

  private constructor(
    engine: Engine,
    model: {
      parameters: Parameters;
      encoder: Encoder;
      optimizer: Optimizer;
      lossScale: LossScale | undefined;
    },
    step: {
      sums: ContrastivePretext['sums'];
      compiled: ContrastiveStep;
      bank: ImageBank;
      counter: Tensor;
      seed: number;
      classes: Int32Array | undefined;
      labels: Tensor;
    },
  ) {
    this.#engine = engine;
    this.parameters = model.parameters;
    this.encoder = model.encoder;
    this.optimizer = model.optimizer;
    this.lossScale = model.lossScale;
    this.sums = step.sums;
    this.#step = step.compiled;
    this.#bank = step.bank;
    this.#counter = step.counter;
    this.#seed = step.seed;
    this.#classes = step.classes;
    this.#labels = step.labels;
  }

  /**
   * Declares the model, uploads the images and compiles the step.
   * @throws RangeError where the method learns from labels and `data` has none, or where the chunk does not divide the
   *   batch; UserError where the adapter lacks the precision
   */
  static async create(
    engine: Engine,
    data: PretextImages,
    options: ContrastiveOptions,
    onProgress?: CompileProgress,
  ): Promise<ContrastivePretext> {
    const { batch, chunk = batch, precision = 'f32', seed } = options;
    requirePrecision(precision, engine.gpu.capabilities);
    const { method } = methodOf(options);
    const classes = learnsFromLabels(method) ? data.labels : undefined;
    if (learnsFromLabels(method) && !classes)
      throw new RangeError(`the method ${method} learns from labels, and the images have none`);
    const parameters = engine.parameters();
    const model = contrastiveModel(parameters, options, data.size);
    const optimizer = createOptimizer(engine, parameters, options.optimizer);
    const lossScale = precision === 'f16' ? new LossScale(engine) : undefined;
    const bank = new ImageBank(engine, data.pixels, data.size, chunk);
    const counter = engine.input([2], 'u32');
    const labels = engine.input([2 * batch], 'u32');
    const sums = { loss: engine.input([1]), metrics: engine.input([2]) };
    const parts = {
      optimizer,
      lossScale,
      bank,
      project: () => model.project(bank, counter),
      loss: (projections: Tensor) => model.loss(projections, labels),
      sums,
    };
    const compiled =
      chunk === batch
        ? await wholeStep(engine, parts, onProgress)
        : await chunkedStep(engine, parts, { parameters, batch }, onProgress);
    const step = { sums, compiled, bank, counter, seed, classes, labels };
    const { encoder } = model;
    return new ContrastivePretext(engine, { parameters, encoder, optimizer, lossScale }, step);
  }

  /** Submits one step on the given images; returns before the GPU has finished. */
  step(images: ArrayLike<number>, step: number, learningRate: number): void {
    const classes = this.#classes;
    if (classes) {
      const labels = Array.from(images, (image) => (classes[image]! < 0 ? unlabelled : classes[image]!));
      this.#engine.write(this.#labels, Uint32Array.from([...labels, ...labels]));
    }
    this.#engine.write(this.#counter, Uint32Array.of(this.#seed, step));
    this.optimizer.prepare(step, learningRate);
    this.#step.run(images);
  }

  /** The program that gives the loss: the whole step, where it is not done in chunks. */
  get program(): Compiled<{ loss: Tensor }> {
    return this.#step.program;
  }

  /** Loss of the latest step; waits for it. */
  async loss(): Promise<number> {
    return (await this.program.read()).loss[0]!;
  }

  /** Means over the `steps` since the sums were last cleared; waits for the latest. */
  async means(steps: number): Promise<EpochMeans> {
    const [loss, metrics] = await this.#engine.read(this.sums.loss, this.sums.metrics);
    const scale = await this.lossScale?.read();
    return {
      loss: loss![0]! / steps,
      contrastiveTop1: metrics![0]! / steps,
      positiveSimilarity: metrics![1]! / steps,
      ...(scale && { lossScale: scale.scale, skippedSteps: scale.skippedSteps }),
    };
  }

  /** Sets the sums to zero: the means are over the steps from here on. */
  clearMeans(): void {
    this.#engine.write(this.sums.loss, new Float32Array(1));
    this.#engine.write(this.sums.metrics, new Float32Array(2));
  }

  /** Names and tensors of everything that a bit-exact resume needs besides the step's number. */
  tensors(): Map<string, Tensor> {
    const all = new Map(this.parameters.entries.map(({ name, tensor }) => [name, tensor]));
    for (const [name, tensor] of this.optimizer.state) all.set(`optimizer.${name}`, tensor);
    if (this.lossScale) all.set('loss_scale', this.lossScale.state);
    return all.set('epoch.loss', this.sums.loss).set('epoch.metrics', this.sums.metrics);
  }

  /** Gives the GPU's memory back, the encoder's too. */
  destroy(): void {
    this.#step.destroy();
    this.optimizer.destroy();
    this.lossScale?.destroy();
    this.parameters.destroy();
    this.#bank.destroy();
    for (const tensor of [this.#counter, this.#labels, this.sums.loss, this.sums.metrics])
      this.#engine.free(tensor);
  }
}
