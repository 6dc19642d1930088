import type { Engine } from '../../autograd/engine.ts';
import { type ClassifierOptions, ClassifierTrainer } from '../../classifier/trainer.ts';
import { type AugmentationPolicy, presets } from '../../data/policy.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { createEncoder } from '../../nn/encoder.ts';
import { architectureOf, type EncoderOptions } from '../../nn/family_registry.ts';
import { pixelScale } from '../../ops/augment.ts';
import { type EncoderOrigin, type FeatureRows, type Features, hasEncoder } from '../scan/features.ts';
import { type LabelTask, labelledSet } from '../task.ts';
import { knnMethod, majorityMethod, probeMethod } from './feature_methods.ts';
import type { Method } from './method.ts';
import { networkMethod } from './network_method.ts';
import { type FineTuning, pretrainedRates, scratchRates } from './network_rates.ts';
import { poolFeatures } from './pool_features.ts';
import { type ImagePool, poolAtRecipe } from './recipe_pool.ts';

/** What training networks on labels takes. */
export interface NetworkTraining {
  /** The device that trains. */
  readonly engine: Engine;
  /**
   * The images that training reads, in the run's own squares; what starts from an encoder whose recipe says how images
   * are resized has them decoded anew by that.
   */
  readonly pool: ImagePool;
  /** The network of supervised training from scratch and of random features. */
  readonly architecture: EncoderOptions;
  /** Side of the images that supervised training from scratch and random features see, in pixels. */
  readonly imageSize: number;
  /** The augmentation in which fine-tuning sees the images, as the pretext task did: it holds over-fitting back. */
  readonly policy: AugmentationPolicy;
  /** Images of one training step on labels. */
  readonly batch: number;
  /** Steps of one training. */
  readonly steps: number;
  /** Networks are only scored on held-out images: folds would take too long. */
  readonly heldOutOnly: boolean;
  /** How encoders are trained further. */
  readonly fineTuning: FineTuning;
}

/** Features of every image, and whether their encoder has seen given labels (see `Method.learnedFromLabels`). */
export type StartFeatures = Features & Pick<Method, 'learnedFromLabels'>;

/** What methods are made from. */
export interface MethodContext {
  /** All images of the source. */
  readonly stream: ImageStream;
  /** The images by what each is for: given a label, learned from, or held out. */
  readonly task: LabelTask;
  /** Features of every image of the source, one matrix for each start. */
  readonly starts: readonly StartFeatures[];
  /** The group of copies that each image of the source belongs to. */
  readonly groups: Int32Array;
  /** Absent where nothing can be trained on pixels: methods that train networks are then left out. */
  readonly networks?: NetworkTraining | undefined;
  /** Seeds the weights of random features. */
  readonly seed: number;
  /** Hears of work that is done while methods are made, as stages of theirs. */
  readonly onStage?: (stage: string) => void;
}

/** What the others are measured against. */
export const baselineName = 'supervised from scratch';

/** Methods that start from features, made once for each start; undefined where it, or the images, lack what they take. */
const fromStarts = {
  probe: ({ task, groups }, start) =>
    probeMethod(
      `${start.origin.name} + probe`,
      start,
      { classes: task.classes.length, groups },
      start.origin,
    ),
  finetune: (context, start) => fromEncoder('fine-tuning', context, start, {}),
  selftrain: (context, start) => {
    const { pool, given } = context.task;
    const unlabelled = pool.some((image) => given[image]! < 0) ? pool : undefined;
    return unlabelled && fromEncoder('self-training', context, start, { unlabelled });
  },
  knn: ({ task }, start) => knnMethod(`kNN on ${start.origin.name} features`, start, task.classes.length),
} as const satisfies Record<string, (context: MethodContext, start: Features) => Method | undefined>;

/** Methods that use no start; undefined where what they take is not at hand. */
const alone = {
  supervised: ({ networks, ...context }) => networks && network(baselineName, networks, context, {}),
  random: async ({ networks, ...context }) => {
    if (!networks) return undefined;
    const name = 'probe on random features';
    context.onStage?.(`${name}: features`);
    const { task, groups } = context;
    return probeMethod(name, await randomFeatures(networks, context), {
      classes: task.classes.length,
      groups,
    });
  },
  majority: ({ task }) => majorityMethod(task.classes.length),
} as const satisfies Record<
  string,
  (context: MethodContext) => Method | undefined | Promise<Method | undefined>
>;

/** The name by which a user chooses a method. */
export type LabellingMethodName = keyof typeof fromStarts | keyof typeof alone;

/** Whether one of the methods makes a network anew, which then sees the images in the run's own squares. */
export const makesNetwork = (names: readonly LabellingMethodName[]): boolean =>
  names.includes('supervised') || names.includes('random');

const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>) => Object.keys(table) as Name[];

/** Methods that can be compared, in the order of the table; of equals out of fold the earlier one labels. */
export const labellingMethods: readonly LabellingMethodName[] = [...namesOf(fromStarts), ...namesOf(alone)];

/** The methods of these names, as far as starts and machine have what they take. */
export async function createMethods(
  context: MethodContext,
  names: readonly LabellingMethodName[],
): Promise<Method[]> {
  const methods: (Method | undefined)[] = [];
  for (const start of context.starts) {
    const { learnedFromLabels = false } = start;
    for (const name of namesOf(fromStarts)) {
      const method = names.includes(name) ? fromStarts[name](context, start) : undefined;
      methods.push(method && { ...method, learnedFromLabels });
    }
  }
  for (const name of namesOf(alone)) if (names.includes(name)) methods.push(await alone[name](context));
  return methods.filter((method) => method !== undefined);
}

/** What a network learns from beside the labels. */
interface NetworkSources {
  /** Features whose encoder it starts from. */
  readonly start?: Features & { readonly origin: EncoderOrigin };
  /** Images for self-training, by number in the source. */
  readonly unlabelled?: Int32Array;
}

/** A start's encoder trained further; undefined where it, or what trains it, is not at hand. */
function fromEncoder(
  how: string,
  { networks, ...context }: MethodContext,
  start: Features,
  sources: NetworkSources,
): Method | undefined {
  const { origin } = start;
  if (!networks || !hasEncoder(origin)) return undefined;
  return network(`${origin.name} + ${how}`, networks, context, { start: { ...start, origin }, ...sources });
}

function network(
  name: string,
  networks: NetworkTraining,
  { stream, task, groups }: MethodContext,
  { start, unlabelled }: NetworkSources,
): Method {
  const { engine, pool, architecture: fromScratch, imageSize, policy, batch, steps, heldOutOnly } = networks;
  const architecture = start?.origin.encoder.architecture ?? fromScratch;
  const recipe = start?.origin.recipe ?? { imageSize, normalise: pixelScale };
  const options: ClassifierOptions = {
    encoder: architecture,
    ...recipe,
    batch,
    ...(start ? pretrainedRates(architecture, networks.fineTuning) : scratchRates(architecture)),
    policy: start ? policy : presets.weak,
    ...(unlabelled && { selfTraining: {} }),
  };
  const classes = task.classes.length;
  const seen = [...usedImages(task), ...(unlabelled ?? [])];
  return networkMethod(name, {
    trainer: ({ pixels, size }) => ClassifierTrainer.create(engine, { pixels, size, classes }, options),
    pool: () => poolAtRecipe(stream, pool, recipe, Int32Array.from(new Set(seen)).sort()),
    classes,
    steps,
    heldOutOnly,
    architecture,
    recipe,
    groups,
    ...(start && { start }),
    ...(unlabelled && { unlabelled }),
  });
}

/** The images that are learned from in any draw, and those that score; some may come twice. */
function usedImages({ given, otherDraws, heldOut }: LabelTask): number[] {
  const labelled = [given, ...otherDraws].flatMap((labels) => [...labelledSet(labels).images]);
  return [...labelled, ...heldOut];
}

/** Features by the architecture alone, of the images that are learned from and scored. */
async function randomFeatures(
  { engine, pool, architecture, imageSize }: NetworkTraining,
  { task, seed }: MethodContext,
): Promise<FeatureRows> {
  const parameters = engine.parameters();
  const encoder = createEncoder({ parameters, seed }, architectureOf(architecture));
  const features = await poolFeatures(engine, encoder, pool, [...new Set(usedImages(task))], { imageSize });
  parameters.destroy();
  return features;
}
