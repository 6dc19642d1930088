import type { Compiled, Engine } from '../autograd/engine.ts';
import type { ParameterStore } from '../autograd/parameter_part.ts';
import type { Parameters } from '../autograd/parameters.ts';
import type { Tensor } from '../autograd/tensor.ts';
import { ImageBank } from '../encoder/image_bank.ts';
import type { CompileProgress } from '../gpu/program.ts';
import type { Encoder } from '../nn/encoder.ts';
import { gatherRows } from '../ops/ranks/gather_rows.ts';
import { unlabelled } from '../ops/unlabelled.ts';
import { LossScale } from '../optim/loss_scale.ts';
import { createOptimizer } from '../optim/named_optimizer.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { chunkedStep } from './chunked_step.ts';
import { isFactored, type Metric, type PretextModel } from './method.ts';
import { type DeclaredModel, declareModel, recordObjective } from './model.ts';
import { chosenMethod, type EncoderTensors, type PretextOptions } from './options.ts';
import { requirePrecision } from './precision.ts';
import { ownShare, shareOf } from './ranks/share.ts';
import type { MethodRegistry } from './registry.ts';
import { type EpochSums, type StepParts, type TrainingStep, wholeStep } from './training_step.ts';

/** The images in memory, with their classes for the methods that learn from them: −1 is unknown. */
export interface PretextImages {
  /** N·size·size·3 bytes, RGB row by row. */
  readonly pixels: Uint8Array;
  /** Side of the images, in pixels. */
  readonly size: number;
  /** One class a stored image, −1 unknown; only methods that learn from labels need it. */
  readonly labels?: Int32Array;
}

/** Means over the steps of an epoch. */
export interface EpochMeans {
  /** Mean loss. */
  readonly loss: number;
  /** The method's metrics, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** In f16: the loss scale at the end. */
  readonly lossScale?: number;
  /** In f16: steps of the run that were skipped so far because gradients overflowed. */
  readonly skippedSteps?: number;
}

/** What `PretextTrainer.create` puts together. */
interface TrainerParts extends Pick<DeclaredModel, 'encoder' | 'encoderStore'> {
  readonly parameters: Parameters;
  readonly optimizer: Optimizer;
  readonly lossScale: LossScale | undefined;
  readonly sums: EpochSums;
  readonly metrics: readonly Metric[];
  readonly step: TrainingStep;
  readonly bank: ImageBank;
  readonly counter: Tensor;
  readonly seed: number;
  /** Classes of the stored images; undefined where the method does not learn from them. */
  readonly classes: Int32Array | undefined;
  readonly model: PretextModel;
  /** u32 [views·batch] */
  readonly labels: Tensor;
}

/** A pretext task's model, and its compiled training step. */
export class PretextTrainer {
  /** All tensors of the model, the encoder's among them. */
  readonly parameters: Parameters;
  /** What an export keeps: images to features. */
  readonly encoder: Encoder;
  /** The encoder's parameters and running statistics alone, as an export takes them. */
  readonly encoderStore: ParameterStore;
  /** What moves the whole model's weights. */
  readonly optimizer: Optimizer;
  /** What keeps small gradients in f16; undefined in f32. */
  readonly lossScale: LossScale | undefined;
  /** Loss and metrics, summed on the GPU over the steps of an epoch. */
  readonly sums: EpochSums;
  readonly #engine: Engine;
  readonly #parts: TrainerParts;

  private constructor(engine: Engine, parts: TrainerParts) {
    this.#engine = engine;
    this.#parts = parts;
    this.parameters = parts.parameters;
    this.encoder = parts.encoder;
    this.encoderStore = parts.encoderStore;
    this.optimizer = parts.optimizer;
    this.lossScale = parts.lossScale;
    this.sums = parts.sums;
  }

  /**
   * Declares the model, uploads the images and compiles the step.
   * @param more who hears of compiling, the methods that the options may name, and what the encoder's tensors begin as,
   *   by name: drawn from the seed by default
   * @throws RangeError where `start` is of another architecture, where the method learns from labels and `data` has none, or where its step cannot be done in
   *   such chunks; UserError where the adapter lacks the precision or there is no such method
   */
  static async create(
    engine: Engine,
    data: PretextImages,
    options: PretextOptions,
    {
      onProgress,
      methods,
      start,
    }: {
      onProgress?: CompileProgress | undefined;
      methods?: MethodRegistry | undefined;
      start?: EncoderTensors | undefined;
    } = {},
  ): Promise<PretextTrainer> {
    const { batch, precision = 'f32', seed } = options;
    const share = shareOf(batch, engine.ranks);
    const { chunk = share } = options;
    requirePrecision(precision, engine.gpu.capabilities);
    const chosen = chosenMethod(options, methods);
    const { name, learnsFromLabels, metrics } = chosen.method;
    const classes = learnsFromLabels ? data.labels : undefined;
    if (learnsFromLabels && !classes)
      throw new RangeError(`the method ${name} learns from labels, and the images have none`);
    const parameters = engine.parameters();
    const stored = { size: data.size, images: data.pixels.length / (3 * data.size ** 2) };
    const { encoder, encoderStore, model } = declareModel(parameters, chosen, options, stored, start);
    const optimizer = createOptimizer(engine, parameters, options.optimizer);
    const lossScale = precision === 'f16' ? new LossScale(engine) : undefined;
    const bank = new ImageBank(engine, data.pixels, data.size, Math.min(chunk, share));
    const counter = engine.input([2], 'u32');
    const labels = engine.input([model.views * batch], 'u32');
    const sums = {
      loss: engine.input([1]),
      metrics: metrics.length > 0 ? engine.input([metrics.length]) : undefined,
    };
    const afterUpdate = () => model.afterUpdate?.(counter);
    const recorded = { parameters, optimizer, lossScale, bank, sums, afterUpdate };
    const task = { model, share, chunk: Math.min(chunk, share), counter, labels };
    const step = await compileStep(engine, recorded, task, onProgress);
    return new PretextTrainer(engine, {
      ...{ parameters, encoder, encoderStore, optimizer, lossScale, sums, metrics, step },
      ...{ bank, counter, seed, classes, model, labels },
    });
  }

  /**
   * Submits one step on the given images, the whole batch; returns before the GPU has finished.
   * @returns among ranks: a promise that all is submitted
   */
  step(images: ArrayLike<number>, step: number, learningRate: number): Promise<void> | undefined {
    const { classes, model, labels, counter, seed } = this.#parts;
    if (classes) {
      const known = Array.from(images, (image) => (classes[image]! < 0 ? unlabelled : classes[image]!));
      const rows = Array.from({ length: model.views }, () => known).flat();
      this.#engine.write(labels, Uint32Array.from(rows));
    }
    this.#engine.write(counter, Uint32Array.of(seed, step));
    this.optimizer.prepare(step, learningRate);
    return this.#parts.step.run(ownShare(images, this.#engine.ranks));
  }

  /** What the method declared. */
  get model(): PretextModel {
    return this.#parts.model;
  }

  /** The program that gives the loss: the whole step, where it is not done in chunks. */
  get program(): Compiled<{ loss: Tensor }> {
    return this.#parts.step.program;
  }

  /** Loss of the latest step; waits for it. */
  async loss(): Promise<number> {
    return (await this.program.read()).loss[0]!;
  }

  /** Means over the `steps` since the sums were last cleared; waits for the latest. */
  async means(steps: number): Promise<EpochMeans> {
    const [loss, metrics] = await this.#engine.read(...this.#sums());
    const scale = await this.lossScale?.read();
    return {
      loss: loss![0]! / steps,
      metrics: Object.fromEntries(this.#parts.metrics.map(({ name }, i) => [name, metrics![i]! / steps])),
      ...(scale && { lossScale: scale.scale, skippedSteps: scale.skippedSteps }),
    };
  }

  /** Begins the sums of another epoch. */
  clearMeans(): void {
    for (const sum of this.#sums()) this.#engine.write(sum, new Float32Array(sum.size));
  }

  /** Names and tensors of everything that a bit-exact resume needs besides the step's number. */
  tensors(): Map<string, Tensor> {
    const all = new Map(this.parameters.entries.map(({ name, tensor }) => [name, tensor]));
    for (const [name, tensor] of this.optimizer.state) all.set(`optimizer.${name}`, tensor);
    if (this.lossScale) all.set('loss_scale', this.lossScale.state);
    all.set('epoch.loss', this.sums.loss);
    if (this.sums.metrics) all.set('epoch.metrics', this.sums.metrics);
    return all;
  }

  /** Gives the GPU's memory back, the encoder's too. */
  destroy(): void {
    const { step, bank, counter, labels } = this.#parts;
    step.destroy();
    this.optimizer.destroy();
    this.lossScale?.destroy();
    this.parameters.destroy();
    bank.destroy();
    for (const tensor of [counter, labels, ...this.#sums()]) this.#engine.free(tensor);
  }

  #sums(): Tensor[] {
    const { loss, metrics } = this.sums;
    return metrics ? [loss, metrics] : [loss];
  }
}

/** Compiles the step of a batch, in chunks where it is larger than one. */
function compileStep(
  engine: Engine,
  parts: StepParts & { readonly bank: ImageBank },
  task: {
    readonly model: PretextModel;
    /** Images of a step, on this rank. */
    readonly share: number;
    readonly chunk: number;
    readonly counter: Tensor;
    readonly labels: Tensor;
  },
  onProgress?: CompileProgress,
): Promise<TrainingStep> {
  const { model, share, chunk, counter, labels } = task;
  const { images, indices, numbers } = parts.bank;
  const taken = { images, indices, numbers, counter };
  if (chunk === share)
    return wholeStep(engine, parts, () => recordObjective(model, taken, labels), onProgress);
  if (!isFactored(model)) throw new RangeError(`a step of this method takes its ${share} images at once`);
  const project = () => model.project(taken);
  const loss = (projections: Tensor) => model.projectionLoss(gatherRows(projections, model.views), labels);
  return chunkedStep(engine, parts, { views: model.views, project, loss }, share, onProgress);
}
