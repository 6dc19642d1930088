import type { Engine } from '../../autograd/engine.ts';
import { type ClassifierOptions, ClassifierTrainer } from '../../classifier/classifier_trainer.ts';
import { type AugmentationPolicy, presets } from '../../data/policy.ts';
import { featureExtractor } from '../../encoder/features.ts';
import { type ResNetOptions, resnet } from '../../nn/resnet.ts';
import { pixelScale } from '../../ops/augment.ts';
import { type LabelTask, labelledSet } from '../task.ts';
import {
  type EncoderWeights,
  type FeatureTable,
  knnMethod,
  type Method,
  majorityMethod,
  probeMethod,
} from './methods.ts';
import { type ImagePool, networkMethod } from './network_methods.ts';

/** Methods that can be compared, in the order of the table; of equals out of fold the earlier one labels. */
export const labellingMethods = [
  'probe',
  'finetune',
  'selftrain',
  'knn',
  'supervised',
  'random',
  'majority',
] as const;
/** A labelling method by the name that settings have for it. */
export type MethodName = (typeof labellingMethods)[number];

/** An encoder that downstream methods start from. */
export interface Start extends EncoderWeights {
  /** `SimCLR`, `given weights`, … */
  readonly name: string;
  /** Its training has seen given labels: on these it cannot be checked, in whatever folds. */
  readonly learnedFromLabels?: boolean;
}

/** A start with its features of every image. */
export interface StartFeatures extends Start {
  readonly table: FeatureTable;
}

export interface MethodContext {
  readonly engine: Engine;
  readonly task: LabelTask;
  readonly pool: ImagePool;
  /** Side of the images that networks see, in pixels. */
  readonly imageSize: number;
  /** What supervised training from scratch and random features use. */
  readonly encoder: Required<ResNetOptions>;
  readonly starts: readonly StartFeatures[];
  /** The group of copies that each image belongs to. */
  readonly groups: Int32Array;
  /** The pretext task's augmentation, in which fine-tuning sees the images: it holds over-fitting back. */
  readonly policy: AugmentationPolicy;
  /** Images of one training step on labels, and steps of one training. */
  readonly batch: number;
  readonly steps: number;
  /** Networks trained on labels are only scored on held-out images: folds would take too long. */
  readonly networksHeldOutOnly: boolean;
  readonly seed: number;
}

export const baselineName = 'supervised from scratch';

/** The methods of these names, those that start from an encoder once for each start. */
export async function createMethods(context: MethodContext, names: readonly MethodName[]): Promise<Method[]> {
  const { starts, task, groups } = context;
  const classes = task.classes.length;
  const wanted = (name: MethodName) => names.includes(name);
  const methods: Method[] = [];
  const someUnlabelled = task.pool.some((image) => task.given[image]! < 0);
  for (const start of starts) {
    const { name, table } = start;
    if (wanted('probe')) methods.push(probeMethod(`${name} + probe`, table, classes, groups));
    if (wanted('finetune')) methods.push(network(`${name} + fine-tuning`, context, start, false));
    if (wanted('selftrain') && someUnlabelled)
      methods.push(network(`${name} + self-training`, context, start, true));
    if (wanted('knn')) methods.push(knnMethod(`kNN on ${name} features`, table, classes));
  }
  if (wanted('supervised')) methods.push(network(baselineName, context, undefined, false));
  if (wanted('random'))
    methods.push(probeMethod('probe on random features', await randomFeatures(context), classes, groups));
  if (wanted('majority')) methods.push(majorityMethod(classes));
  return methods;
}

/**
 * Learning rates of trainings on labels: at the head's peak, and the encoder's share of it. A pretrained encoder moves
 * more slowly than its head (discriminative rates, Howard & Ruder 2018, arXiv 1801.06146). Chosen on CIFAR-10 with 25
 * labels a class among .05, .1 and .2 from scratch, and among rates of .01 to .05 and shares of .1 to 1 from SimCLR.
 */
const fromScratch = { learningRate: 0.1, encoderRate: 1 };
const fromEncoder = { learningRate: 0.02, encoderRate: 0.5 };

function network(
  name: string,
  context: MethodContext,
  start: StartFeatures | undefined,
  selfTraining: boolean,
): Method {
  const { engine, task, pool, imageSize, batch, steps, groups, networksHeldOutOnly } = context;
  const architecture = start ?? { encoder: context.encoder, normalise: pixelScale };
  const { encoder, normalise } = architecture;
  const options: ClassifierOptions = {
    encoder,
    normalise,
    imageSize,
    batch,
    ...(start ? fromEncoder : fromScratch),
    momentum: 0.9,
    weightDecay: 5e-4,
    policy: start ? context.policy : presets.weak,
    ...(selfTraining && { selfTraining: {} }),
  };
  const data = { pixels: pool.pixels, size: pool.size, classes: task.classes.length };
  return networkMethod(name, {
    trainer: () => ClassifierTrainer.create(engine, data, options),
    pool,
    classes: task.classes.length,
    steps,
    heldOutOnly: networksHeldOutOnly,
    encoder: { encoder, normalise },
    groups,
    ...(start && { start: start.table }),
    ...(selfTraining && { unlabelled: task.pool }),
  });
}

/** Features by the architecture alone, of the images that are learned from and scored. */
async function randomFeatures(context: MethodContext): Promise<FeatureTable> {
  const { engine, task, pool, imageSize, seed } = context;
  const parameters = engine.parameters();
  const encoder = resnet({ parameters, seed }, context.encoder);
  const shape = { pixels: pool.pixels, sourceSize: pool.size, imageSize, batch: 64 };
  const extract = await featureExtractor(engine, encoder, shape);
  const labelled = [task.given, ...task.otherDraws].flatMap((labels) => [...labelledSet(labels).images]);
  const images = [...new Set([...labelled, ...task.heldOut])];
  const features = await extract(images.map((image) => pool.positions[image]!));
  extract.destroy();
  parameters.destroy();
  const rows = new Int32Array(task.given.length).fill(-1);
  images.forEach((image, row) => {
    rows[image] = row;
  });
  return { features, columns: encoder.featureSize, rows };
}
