import { presets, resolvePolicy } from '../data/policy.ts';
import { UserError } from '../errors.ts';
import type { Capabilities } from '../gpu/device.ts';
import { multiplyAdds, type ResNetOptions } from '../nn/resnet.ts';
import type { AdapterSpeed } from '../train/adapter_speed.ts';
import type { PretrainOptions } from '../train/pretrain.ts';
import type { TrainingOptions } from './options.ts';

/** Sides that images are read at when the user does not say: a binary set's own, 64 pixels for a folder. */
const nativeSides: Readonly<Record<string, number>> = {
  demo: 32,
  cifar10: 32,
  cifar100: 32,
  stl10: 96,
  idx: 28,
};

/** What kind of source a `--data` value names. */
export function sourceKind(data: string): string {
  const prefix = data.split(':')[0]!;
  return Object.hasOwn(nativeSides, prefix) ? prefix : 'folder';
}

/** Everything about the data and the network that must be known before images are read. */
export interface Plan {
  readonly encoder: Required<ResNetOptions>;
  readonly imageSize: number;
  readonly batch: number;
  readonly limit: number | undefined;
  readonly testLimit: number | undefined;
  /** Images that may be trained on in the time there is, each as two views; undefined where epochs were given. */
  readonly pairs: number;
}

/** Share of the multiply-add peak that a whole training step reaches, as measured on either software driver. */
const stepShare = 0.14;
/** Epochs below which fewer images, seen more often, teach more. */
const fewestEpochs = 10;
const fewestImages = 768;

/** Chooses sizes by what the adapter can do in the time that the user gives. */
export function plan(options: TrainingOptions, { driver }: Capabilities, speed: AdapterSpeed): Plan {
  const software = driver !== 'gpu';
  const native = nativeSides[sourceKind(options.data)] ?? 64;
  // On a processor half the side costs a quarter of the time, which more epochs put to better use.
  const imageSize = options.imageSize ?? (software && native <= 32 ? Math.ceil(native / 2) : native);
  const stem = options.stem ?? (imageSize <= 48 ? 'cifar' : 'imagenet');
  const encoder = {
    depth: options.depth === '34' ? 34 : 18,
    width: options.width ?? (software ? 16 : 64),
    stem,
  } as const;
  const minutes = options.minutes ?? (software ? 1.5 : 30);
  // A step passes two views forward and, at twice the cost, backward; a multiply-add is two operations.
  const pairFlops = 2 * 2 * 3 * multiplyAdds(encoder, imageSize);
  const pairs = (60 * minutes * stepShare * speed.flops) / pairFlops;
  const affordable = Math.max(fewestImages, Math.floor(pairs / fewestEpochs));
  const limit = options.limit ?? (software && options.epochs === undefined ? affordable : undefined);
  const testLimit = options.testLimit ?? (software ? 1000 : undefined);
  return { encoder, imageSize, batch: options.batch ?? (software ? 64 : 256), limit, testLimit, pairs };
}

/**
 * The whole of the pretext task's settings, now that the number of images is known.
 * @throws UserError where the policy is wrong or the images do not fill a batch
 */
export function pretrainOptions(options: TrainingOptions, chosen: Plan, images: number): PretrainOptions {
  const { imageSize, encoder, pairs } = chosen;
  if (images < (options.batch ?? 2)) {
    throw new UserError(
      `${images} training images are fewer than one batch of ${options.batch ?? 2}: lower --batch, or add images`,
    );
  }
  // Small sets still make a few steps an epoch.
  const batch = options.batch ?? Math.min(chosen.batch, Math.max(2, Math.floor(images / 4)));
  const epochs = options.epochs ?? Math.min(1000, Math.max(1, Math.round(pairs / images)));
  const name = options.optimizer ?? 'sgd';
  return {
    encoder,
    imageSize,
    batch,
    epochs,
    temperature: options.temperature ?? 0.2,
    policy: options.policy === undefined ? policyFor(imageSize) : resolvePolicy(options.policy, '--policy'),
    projection: options.projection ?? [8 * encoder.width, 128],
    optimizer: {
      name,
      momentum: options.momentum,
      weightDecay: options.weightDecay ?? (name === 'adamw' ? 1e-4 : 5e-4),
    },
    learningRate:
      options.learningRate ??
      (name === 'adamw' ? 1e-3 : (name === 'lars' ? 0.4 : 0.12) * (batch / 256) ** 0.5),
    warmupEpochs: options.warmup ?? Math.min(10, Math.floor(epochs / 10)),
    seed: options.seed,
  };
}

/** SimCLR's policy for small images, or for larger ones. */
export const policyFor = (side: number) => presets[side <= 48 ? 'simclr-cifar' : 'simclr-imagenet'];
