import type { Engine } from '../autograd/engine.ts';
import { evaluating, noGrad } from '../autograd/tape.ts';
import { Tensor } from '../autograd/tensor.ts';
import { presets } from '../data/policy.ts';
import type { ImageBank } from '../encoder/image_bank.ts';
import { add } from '../ops/add.ts';
import {
  type AugmentationPolicy,
  type AugmentOptions,
  drawChoices,
  redrawFirst,
  renderViews,
} from '../ops/augment.ts';
import { pseudoLabelState, pseudoLabels } from '../ops/pseudo_label.ts';
import { scale } from '../ops/scale.ts';
import { softmaxCrossEntropy } from '../ops/softmax_cross_entropy.ts';
import type { ClassifierNetwork } from './network.ts';

/** How unlabelled images are learned from. */
export interface SelfTrainingOptions {
  /** Unlabelled images of a step for each labelled one (μ). Default 2. */
  readonly ratio?: number;
  /** Weight of the unlabelled images' loss beside the labelled ones'. Default 1. */
  readonly weight?: number;
  /** How the views are drawn that guesses are made from. Default `weak`. */
  readonly weakPolicy?: AugmentationPolicy;
  /** How the views are drawn that learn the guesses. Default `simclr-cifar`. */
  readonly strongPolicy?: AugmentationPolicy;
  /** λ, 0 … 1, of the moving averages that the thresholds follow. Default 0.99. */
  readonly decay?: number;
  /** Bounds that the thresholds stay within: [0.95, 0.95] is FixMatch's fixed one. Default [0, 1]. */
  readonly thresholds?: readonly [lowest: number, highest: number];
}

/** What the loss of a step is made from. */
export interface SelfTrainingStep {
  /** Guesses, and learns. */
  readonly network: ClassifierNetwork;
  /** Batches of `SelfTraining.unlabelled` images to guess, and behind them the labelled ones. */
  readonly bank: Pick<ImageBank, 'images' | 'indices' | 'numbers'>;
  /** u32 [2]: seed and step. */
  readonly counter: Tensor;
  /** u32, one for each image of the batch: classes of the labelled ones, 0xffffffff for the others. */
  readonly targets: Tensor;
  /** Views of the labelled images. */
  readonly views: AugmentOptions;
}

/**
 * The loss of FixMatch (arXiv 2001.07685): cross-entropy of labelled images, plus cross-entropy of strong views of
 * unlabelled ones with what the network says of their weak views, where it is sure enough by FreeMatch's self-adaptive
 * thresholds (arXiv 2205.07246).
 *
 * Labelled and strong views pass through the network together, so that batch norm sees one mixture. The guesses come
 * from a pass of their own without gradients and on the running statistics, as the network will be used: a third of the
 * cost, and an image's guess does not depend on the rest of its batch.
 */
export class SelfTraining {
  /** Unlabelled images of a step. */
  readonly unlabelled: number;
  readonly #engine: Engine;
  readonly #options: Required<SelfTrainingOptions>;
  readonly #state: Tensor;
  readonly #strongCounter: Tensor;

  /** @param batch labelled images of a step */
  constructor(engine: Engine, batch: number, classes: number, options: SelfTrainingOptions) {
    const { ratio = 2, weight = 1, decay = 0.99, thresholds = [0, 1] } = options;
    const { weakPolicy = presets.weak, strongPolicy = presets['simclr-cifar'] } = options;
    this.#engine = engine;
    this.#options = { ratio, weight, decay, thresholds, weakPolicy, strongPolicy };
    this.unlabelled = ratio * batch;
    this.#state = pseudoLabelState(engine, classes);
    this.#strongCounter = engine.input([2], 'u32');
  }

  /** Records the loss [1]. */
  loss({ network, bank, counter, targets, views }: SelfTrainingStep): Tensor {
    const { weight, decay, thresholds, weakPolicy, strongPolicy } = this.#options;
    const { images, indices, numbers } = bank;
    const first = ({ storage }: Tensor) => new Tensor({ shape: [this.unlabelled], dtype: 'u32' }, storage);
    const weakViews = { ...views, policy: weakPolicy };
    const weakDraws = drawChoices(first(numbers), counter, weakViews);
    const weak = renderViews(images, first(indices), weakDraws, weakViews);
    const guesses = noGrad(() => evaluating(() => network.logits(weak)));
    const pseudo = pseudoLabels(guesses, this.#state, { decay, thresholds, labels: indices.size });

    const draws = drawChoices(numbers, counter, views);
    redrawFirst(draws, first(numbers), this.#strongCounter, { ...views, policy: strongPolicy });
    // The draws say what each view gets; the policy of rendering, only which passes there are.
    const passes = {
      ...strongPolicy,
      jitter: strongPolicy.jitter ?? views.policy.jitter,
      blur: strongPolicy.blur ?? views.policy.blur,
    };
    const logits = network.logits(renderViews(images, indices, draws, { ...views, policy: passes }));
    const labelled = softmaxCrossEntropy(logits, targets).loss;
    const consistency = softmaxCrossEntropy(logits, pseudo, { meanOver: this.unlabelled }).loss;
    return add(labelled, scale(consistency, weight));
  }

  /** Forgets the thresholds. */
  start(): void {
    this.#engine.write(this.#state, new Float32Array(this.#state.size));
  }

  /** Sets what differs from step to step. Call before each run. */
  prepare(seed: number, step: number): void {
    // A seed of their own: else an image's strong view would be cropped and flipped as its weak one.
    this.#engine.write(this.#strongCounter, Uint32Array.of((seed ^ 0x80000000) >>> 0, step));
  }

  /** Gives the memory back. */
  destroy(): void {
    this.#engine.free(this.#state);
    this.#engine.free(this.#strongCounter);
  }
}
