import type { AugmentationPolicy } from '../data/policy.ts';
import { architectureOf, type EncoderOptions } from '../nn/family_registry.ts';
import type { Normalisation } from '../ops/augment.ts';
import type { OptimizerOptions } from '../optim/named_optimizer.ts';
import type { MethodTable, PretextMethod, ValuesOf } from './method.ts';
import type { Precision } from './precision.ts';
import { type MethodName, type MethodRegistry, type MethodSettings, methodNamed } from './registry.ts';

/** Settings of a pretext task: those that every method has, and beside them the method's own. */
export interface PretextOptions extends MethodSettings {
  /** Default `simclr`. */
  readonly method?: MethodName | (string & Record<never, never>);
  /** The architecture. */
  readonly encoder: EncoderOptions;
  /** Images of a step. */
  readonly batch: number;
  /**
   * Images whose activations are kept at once, a divisor of the batch. Fewer than the batch take less memory and a
   * third to a half more time (see `chunkedStep`), and batch norm then has the statistics of a chunk. Default: the
   * whole batch.
   */
  readonly chunk?: number;
  /** Side of the views, in pixels. */
  readonly imageSize: number;
  /** How views are drawn. */
  readonly policy: AugmentationPolicy;
  /** What pixels are brought to, in training and whenever the encoder is used. Default `pixelScale`. */
  readonly normalise?: Normalisation;
  /** What the encoder started from, for people, where weights were given to the run. */
  readonly startedFrom?: string;
  /** What moves the weights. */
  readonly optimizer: OptimizerOptions;
  /** What images, activations and their gradients are stored as. Default f32. */
  readonly precision?: Precision;
  /** Steps of the whole run, for what changes over it, such as the pace of a momentum encoder. Default: no known end. */
  readonly steps?: number;
  /** What weights, batches and views are drawn from. */
  readonly seed: number;
}

/** Every tensor of an encoder in the engine's layout, by torchvision's name, as `readWeights` gives them. */
export type EncoderTensors = ReadonlyMap<string, Float32Array>;

/** The images that a pretext task learns from; where the method learns from no labels, they serve only to watch it. */
export interface PretrainData {
  /** N·size·size·3 bytes, RGB row by row. */
  readonly pixels: Uint8Array;
  /** Side of the images, in pixels. */
  readonly size: number;
  /** Which images to train on. */
  readonly images: Int32Array;
  /** One class a stored image, −1 unknown. */
  readonly labels: Int32Array;
  /** How many classes there are. */
  readonly classes: number;
}

/** Settings of a whole pretext run. */
export interface PretrainOptions extends PretextOptions {
  /** Passes over as many images as there are to train on. */
  readonly epochs: number;
  /** Learning rate at its peak, behind the warm-up. */
  readonly learningRate: number;
  /** Epochs in which the learning rate rises to its peak. */
  readonly warmupEpochs: number;
}

/** A method, and a value for each of its settings. */
export interface ChosenMethod {
  /** The method. */
  readonly method: PretextMethod;
  /** A value for each setting that it adds, by name. */
  readonly settings: ValuesOf<MethodTable>;
}

/**
 * The method that options name, with its settings: as given, else the default or what follows from the encoder.
 * @param methods those that there are
 * @throws UserError where there is no such method
 */
export function chosenMethod(
  options: Pick<PretextOptions, 'method' | 'encoder'>,
  methods?: MethodRegistry,
): ChosenMethod {
  const method = methodNamed(options.method, methods);
  const given: Readonly<Record<string, unknown>> = { ...options };
  const { featureSize } = architectureOf(options.encoder);
  const settings = Object.entries(method.settings).map(([name, setting]) => {
    const open = 'derive' in setting ? setting.derive({ featureSize }) : setting.default;
    return [name, given[name] ?? open];
  });
  return { method, settings: Object.fromEntries(settings) };
}
