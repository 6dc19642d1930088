import { type AugmentationPolicy, presets, resolvePolicy } from '../../data/policy.ts';
import { optionsAtSide } from '../../encoder/at_side.ts';
import { leastImageSide, mostImageSide } from '../../encoder/recipe_schema.ts';
import { named, sentence, UserError } from '../../errors.ts';
import type { Capabilities } from '../../gpu/device.ts';
import { architectureOf, type EncoderOptions, familyOf } from '../../nn/family_registry.ts';
import { multiplyAdds } from '../../nn/multiply_adds.ts';
import { chosenMethod, type PretrainOptions } from '../../pretext/options.ts';
import { nativeSide, sourceKind } from '../inputs/image_source_kind.ts';
import type { PretextSettings } from '../settings/common.ts';
import type { DataSettings } from '../settings/data.ts';
import type { AdapterSpeed } from './adapter_speed.ts';
import { demoPlan } from './demo_plan.ts';
import { planNetwork } from './network_plan.ts';

/** What sizes follow from, as far as the user says it. */
export type TrainingSettings = DataSettings & Omit<PretextSettings, 'pretext'>;

/** The network that is trained here and how it sees images, whether by a pretext task or by labels alone. */
export type NetworkOptions = Pick<PretrainOptions, 'encoder' | 'imageSize' | 'policy' | 'seed'>;

/** A network, and how large it sees images. */
export interface PlannedNetwork {
  /** The network. */
  readonly encoder: EncoderOptions;
  /** Side of the images that it sees, in pixels. */
  readonly imageSize: number;
}

/** Everything about the data and the network that must be known before images are read. */
export interface TrainingPlan extends PlannedNetwork {
  /** Images of a step. */
  readonly batch: number;
  /** Most training images; undefined: all. */
  readonly limit: number | undefined;
  /** Most held-out test images; undefined: all. */
  readonly testLimit: number | undefined;
  /** Images that may be trained on in the time there is, each as two views; undefined where epochs were given. */
  readonly pairs: number;
}

/**
 * Share of the multiply-add peak that a whole training step reaches at the widths below: measured on software drivers,
 * a cautious guess for a graphics card.
 */
const stepShares: Readonly<Record<Capabilities['driver'], Readonly<Record<number, number>>>> = {
  llvmpipe: { 64: 0.48, 32: 0.48, 16: 0.345, 8: 0.19 },
  swiftshader: { 64: 0.137, 32: 0.131, 16: 0.109, 8: 0.082 },
  gpu: { 64: 0.19, 32: 0.19, 16: 0.19, 8: 0.17 },
};

/**
 * That of the widest ResNet of the table that is no wider than an encoder; narrower ones take the narrowest's, and so do
 * ViTs: a cautious guess.
 */
export function stepShare(driver: Capabilities['driver'], encoder: EncoderOptions): number {
  const { width = familyOf(encoder).usualWidth } = encoder.family === 'vit' ? { width: 8 } : encoder;
  return stepShares[driver][[64, 32, 16].find((measured) => measured <= width) ?? 8]!;
}

/** Of a network's widths the widest is taken that can still see this many pairs in its time. */
const enoughPairs = 35_000;
/** Epochs below which fewer images, seen more often, teach more. */
const fewestEpochs = 20;
const fewestImages = 768;

/**
 * Chooses sizes by what the adapter can do in the time that the user gives.
 * @param start what the pretext task goes on from, whose network and, unless the user says otherwise, side it has
 * @param native side of the images, in pixels, where they were looked at
 */
export function planTraining(
  options: TrainingSettings,
  { driver }: Capabilities,
  speed: AdapterSpeed,
  start?: PlannedNetwork,
  native = nativeSide(options.data),
): TrainingPlan {
  const software = driver !== 'gpu';
  const kind = sourceKind(options.data);
  const demo = software && kind === 'demo';
  // On a processor half the side costs a quarter of the time, which more epochs put to better use. A folder's images are
  // kept at the side that the network sees, so that whatever looks at them later would see less too.
  const halves = software && kind !== 'folder' && native <= 32;
  const own = Math.min(mostImageSide, Math.max(leastImageSide, halves ? Math.ceil(native / 2) : native));
  const imageSize = options.imageSize ?? start?.imageSize ?? own;
  const { widths, encoderOf } = planNetwork(options, imageSize);
  const minutes = options.minutes ?? (demo ? demoPlan.minutes : software ? 2 : 30);
  const affordable = (encoder: EncoderOptions): number => {
    // A step passes two views forward and, at twice the cost, backward; a multiply-add is two operations.
    const pairFlops = 2 * 2 * 3 * multiplyAdds(architectureOf(encoder), imageSize);
    return (60 * minutes * stepShare(driver, encoder) * speed.flops) / pairFlops;
  };
  const width =
    options.width ??
    widths.find((candidate) => affordable(encoderOf(candidate)) >= enoughPairs) ??
    widths.at(-1)!;
  const encoder = start ? optionsAtSide(start.encoder, imageSize) : encoderOf(width);
  const pairs = affordable(encoder);
  const images = Math.max(fewestImages, Math.floor(pairs / fewestEpochs));
  const limit = options.limit ?? (software && !demo && options.epochs === undefined ? images : undefined);
  const testLimit = options.testLimit ?? (software && !demo ? 1000 : undefined);
  return {
    encoder,
    imageSize,
    batch: options.batch ?? batchFor(pairs),
    limit,
    testLimit,
    pairs,
  };
}

/** A power of two from 32 to 256: short runs need many steps more than many negatives. */
function batchFor(pairs: number): number {
  return 2 ** Math.min(8, Math.max(5, Math.round(Math.log2(Math.sqrt(pairs) / 5))));
}

/**
 * The network of a plan, and how it sees images.
 * @param usual the policy where the user leaves it open; by default what suits the images
 * @throws UserError where the policy is wrong
 */
export function networkOptions(
  { data, policy, seed }: Pick<TrainingSettings, 'data' | 'policy' | 'seed'>,
  { imageSize, encoder }: Pick<TrainingPlan, 'imageSize' | 'encoder'>,
  usual: AugmentationPolicy = policyFor(data, imageSize),
): NetworkOptions {
  return {
    encoder,
    imageSize,
    policy: policy === undefined ? usual : resolvePolicy(policy, sentence`${named('policy')}`),
    seed,
  };
}

/**
 * The whole of the pretext task's settings, now that the number of images is known.
 * @throws UserError where the policy is wrong or the images do not fill a batch
 */
export function pretrainOptions(
  options: TrainingSettings & Pick<PretextSettings, 'pretext'>,
  chosen: TrainingPlan,
  images: number,
): PretrainOptions {
  const { encoder, pairs } = chosen;
  if (images < (options.batch ?? 2)) {
    throw new UserError(
      sentence`${images} training images are fewer than one batch of ${options.batch ?? 2}: lower ${named('batch')}, or add images`,
    );
  }
  // Small sets still make a few steps an epoch.
  const batch = options.batch ?? Math.min(chosen.batch, Math.max(2, Math.floor(images / 4)));
  const epochs = options.epochs ?? Math.min(1000, Math.max(1, Math.round(pairs / images)));
  const isTransformer = encoder.family === 'vit';
  const name = options.optimizer ?? (isTransformer ? 'adamw' : 'sgd');
  const { method, settings } = chosenMethod({ ...options, method: options.pretext, encoder });
  return {
    method: options.pretext,
    ...networkOptions(options, chosen, method.policy && presets[method.policy]),
    batch,
    ...(options.chunk !== undefined && { chunk: options.chunk }),
    epochs,
    ...settings,
    optimizer: {
      name,
      momentum: options.momentum,
      weightDecay: options.weightDecay ?? (name === 'adamw' ? 1e-4 : 5e-4),
    },
    learningRate:
      options.learningRate ??
      (name === 'adamw' ? 1e-3 : (name === 'lars' ? 0.4 : 0.12) * (batch / 256) ** 0.5),
    precision: options.precision,
    warmupEpochs: options.warmup ?? Math.min(10, Math.floor(epochs / 10)),
  };
}

/** The demo's own policy, or SimCLR's for small images or for larger ones. */
export function policyFor(data: string, side: number): AugmentationPolicy {
  if (sourceKind(data) === 'demo') return presets.demo;
  return presets[side <= 48 ? 'simclr-cifar' : 'simclr-imagenet'];
}
