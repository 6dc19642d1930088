import type { Compiled, Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { backward, currentTape } from '../autograd/tape.ts';
import type { Tensor } from '../autograd/tensor.ts';
import type { AugmentationPolicy } from '../data/policy.ts';
import type { CompileProgress } from '../gpu/program.ts';
import { accumulate } from '../kernels/elementwise.ts';
import { projectionHead } from '../nn/projection_head.ts';
import { type Encoder, type ResNetOptions, resnet } from '../nn/resnet.ts';
import { augment } from '../ops/augment.ts';
import { unlabelled } from '../ops/sup_con.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { ImageBank } from './image_bank.ts';
import { createOptimizer, type OptimizerOptions } from './optimizers.ts';
import { learnsFromLabels, type PretextMethod, pretextLoss } from './pretext_method.ts';

/** Settings of a contrastive pretext task. */
export interface ContrastiveOptions {
  /** Default `simclr`. */
  readonly method?: PretextMethod;
  /** Weight of the SupCon term beside NT-Xent in `mixed`. Default 1. */
  readonly labelledWeight?: number;
  readonly encoder: ResNetOptions;
  /** Widths of the projection head behind the features, say [512, 128]; batch norm between. */
  readonly projection: readonly number[];
  /** Images of a step; the loss sees two views of each. */
  readonly batch: number;
  /** Side of the views, in pixels. */
  readonly imageSize: number;
  readonly temperature: number;
  readonly policy: AugmentationPolicy;
  readonly optimizer: OptimizerOptions;
  readonly seed: number;
}

/** What a method's optional settings are where they are not given. */
export function methodOf({
  method = 'simclr',
  labelledWeight = 1,
}: Pick<ContrastiveOptions, 'method' | 'labelledWeight'>) {
  return { method, labelledWeight };
}

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
}

/** A model with a contrastive loss, and its compiled training step. */
export class ContrastivePretext {
  readonly parameters: Parameters;
  readonly encoder: Encoder;
  readonly optimizer: Optimizer;
  /** Loss [1] and metrics [2], summed on the GPU over the steps of an epoch. */
  readonly sums: { readonly loss: Tensor; readonly metrics: Tensor };
  readonly program: Compiled<{ loss: Tensor }>;
  readonly #engine: Engine;
  readonly #bank: ImageBank;
  readonly #counter: Tensor;
  readonly #seed: number;
  /** Classes of the stored images; undefined where the method does not learn from them. */
  readonly #classes: Int32Array | undefined;
  /** u32 [2·batch] */
  readonly #labels: Tensor;

  private constructor(
    engine: Engine,
    model: { parameters: Parameters; encoder: Encoder; optimizer: Optimizer },
    step: {
      sums: ContrastivePretext['sums'];
      program: Compiled<{ loss: Tensor }>;
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
    this.sums = step.sums;
    this.program = step.program;
    this.#bank = step.bank;
    this.#counter = step.counter;
    this.#seed = step.seed;
    this.#classes = step.classes;
    this.#labels = step.labels;
  }

  /**
   * Declares the model, uploads the images and compiles the step.
   * @throws RangeError where the method learns from labels and `data` has none
   */
  static async create(
    engine: Engine,
    data: PretextImages,
    options: ContrastiveOptions,
    onProgress?: CompileProgress,
  ): Promise<ContrastivePretext> {
    const { batch, imageSize, temperature, policy, seed } = options;
    const method = methodOf(options);
    const classes = learnsFromLabels(method.method) ? data.labels : undefined;
    if (learnsFromLabels(method.method) && !classes)
      throw new RangeError(`the method ${method.method} learns from labels, and the images have none`);
    const parameters = engine.parameters();
    const context = { parameters, seed };
    const encoder = resnet(context, options.encoder);
    const sizes = [encoder.featureSize, ...options.projection];
    const project = projectionHead(context, 'projector', { sizes, batchNorm: true });
    const optimizer = createOptimizer(engine, parameters, options.optimizer);
    const bank = new ImageBank(engine, data.pixels, data.size, batch);
    const counter = engine.input([2], 'u32');
    const labels = engine.input([2 * batch], 'u32');
    const sums = { loss: engine.input([1]), metrics: engine.input([2]) };
    const program = await engine.compile(
      () => {
        const shape = { policy, sourceSize: data.size, imageSize, views: 2 } as const;
        const views = augment(bank.images, bank.indices, counter, shape);
        const { loss, metrics } = pretextLoss(project(encoder.forward(views)), labels, {
          ...method,
          temperature,
        });
        backward(loss);
        optimizer.update();
        const tape = currentTape();
        tape.dispatch(accumulate(1), { x: loss, y: sums.loss });
        tape.dispatch(accumulate(2), { x: metrics, y: sums.metrics });
        return { loss };
      },
      onProgress ? { onProgress } : {},
    );
    const step = { sums, program, bank, counter, seed, classes, labels };
    return new ContrastivePretext(engine, { parameters, encoder, optimizer }, step);
  }

  /** Submits one step on the given images; returns before the GPU has finished. */
  step(images: ArrayLike<number>, step: number, learningRate: number): void {
    this.#bank.select(images);
    const classes = this.#classes;
    if (classes) {
      const labels = Array.from(images, (image) => (classes[image]! < 0 ? unlabelled : classes[image]!));
      this.#engine.write(this.#labels, Uint32Array.from([...labels, ...labels]));
    }
    this.#engine.write(this.#counter, Uint32Array.of(this.#seed, step));
    this.optimizer.prepare(step, learningRate);
    this.program.run();
  }

  /** Loss of the latest step; waits for it. */
  async loss(): Promise<number> {
    return (await this.program.read()).loss[0]!;
  }

  /** Means over the `steps` since the sums were last cleared; waits for the latest. */
  async means(steps: number): Promise<EpochMeans> {
    const [loss, metrics] = await this.#engine.read(this.sums.loss, this.sums.metrics);
    return {
      loss: loss![0]! / steps,
      contrastiveTop1: metrics![0]! / steps,
      positiveSimilarity: metrics![1]! / steps,
    };
  }

  clearMeans(): void {
    this.#engine.write(this.sums.loss, new Float32Array(1));
    this.#engine.write(this.sums.metrics, new Float32Array(2));
  }

  /** Names and tensors of everything that a bit-exact resume needs besides the step's number. */
  tensors(): Map<string, Tensor> {
    const all = new Map(this.parameters.entries.map(({ name, tensor }) => [name, tensor]));
    for (const [name, tensor] of this.optimizer.state) all.set(`optimizer.${name}`, tensor);
    return all.set('epoch.loss', this.sums.loss).set('epoch.metrics', this.sums.metrics);
  }

  /** Gives the GPU's memory back, the encoder's too. */
  destroy(): void {
    this.program.destroy();
    this.optimizer.destroy();
    this.parameters.destroy();
  }
}
