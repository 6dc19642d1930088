import type { Engine } from '../../autograd/engine.ts';
import { atSide } from '../../encoder/at_side.ts';
import type { Weights } from '../../encoder/encoder_weights.ts';
import { loadEncoder } from '../../encoder/loaded_encoder.ts';
import { knnMethod, probeMethod } from '../../label/methods/feature_methods.ts';
import { fitDraw } from '../../label/methods/fit_draw.ts';
import type { Method } from '../../label/methods/method.ts';
import { createMethods, type NetworkTraining } from '../../label/methods/method_registry.ts';
import { hits } from '../../label/methods/out_of_fold.ts';
import { poolFeatures } from '../../label/methods/pool_features.ts';
import { encoderOrigin } from '../../label/scan/encoder_scan.ts';
import { type FeatureRows, type Features, rowsOf } from '../../label/scan/features.ts';
import { labelledSet } from '../../label/task.ts';
import { createEncoder } from '../../nn/encoder.ts';
import { architectureOf } from '../../nn/family_registry.ts';
import { describePopulation } from '../../numerics/probe/population.ts';
import { pixelScale } from '../../ops/augment.ts';
import type { PretextStart } from '../inputs/pretext_start.ts';
import { readFineTuning } from '../plan/fine_tuning.ts';
import { networkBatch, networkSteps } from '../plan/labelling_plan.ts';
import { networkOptions } from '../plan/training_plan.ts';
import type { Reporter } from '../reporter.ts';
import type { ComparedSettings } from '../settings/compare.ts';
import type { ComparedImages } from './open_comparison.ts';
import { drawLabels, drawsAt, labelsAt, type Point } from './points.ts';
import type { ScoreLog } from './score_log.ts';

/** What is learned from the labels: on an encoder's features, or by a network. */
export type How = 'probe' | 'knn' | 'finetune' | 'supervised';

/** What is scored, and with what. */
export interface Scoring {
  readonly engine: Engine;
  readonly images: ComparedImages;
  /** What all methods went on from; undefined: the network as the seed draws it. */
  readonly start: PretextStart | undefined;
  readonly settings: ComparedSettings;
  readonly log: ScoreLog;
  readonly reporter: Pick<Reporter, 'progress' | 'signal'>;
}

/** One curve or several of the same encoder. */
export interface ScoredEncoder {
  /** As the log has it. */
  readonly method: string;
  /** For people. */
  readonly title: string;
  /** Weights of a trained encoder; `start`: what all methods began as; `none`: no features are wanted. */
  readonly weights: Weights | 'start' | 'none';
  /** What is made of it. */
  readonly hows: readonly How[];
  /** Where. */
  readonly points: readonly Point[];
}

/**
 * Scores every draw that is not done yet, on the held-out images: whatever learns sees the drawn labels alone and, of
 * the features, those of images that are not held out.
 * @throws the reason of the reporter's signal where it is aborted
 */
export async function scoreCompared(scoring: Scoring, encoder: ScoredEncoder): Promise<void> {
  const { images, settings, log, reporter } = scoring;
  const { task } = images;
  const { method, title, hows, points } = encoder;
  const truth = task.heldOut.map((image) => task.truth[image]!);
  let features: Features | undefined;
  for (const perClass of points) {
    const draws = Array.from({ length: drawsAt(perClass, settings.draws) }, (_, draw) => draw);
    for (const how of hows) {
      const open = draws.filter((draw) => !log.has({ method, how, perClass, draw }));
      if (open.length === 0) continue;
      features ??= await featuresOf(scoring, encoder);
      const learner = await learnerOf(scoring, how, features, perClass);
      try {
        for (const draw of open) {
          const onStage = (stage: string, done?: number, total?: number) => {
            reporter.signal.throwIfAborted();
            reporter.progress({
              stage,
              ...(done !== undefined && { done }),
              ...(total !== undefined && { total }),
            });
          };
          const labels = perClass === null ? 'all labels' : `${perClass} labels a class`;
          const logits = await fitDraw(
            learner,
            labelledSet(drawLabels(task, perClass, draw, settings.seed)),
            {
              queries: task.heldOut,
              seed: settings.seed + draw,
              stage: `${title}, ${how}, ${labels}: draw ${draw + 1} of ${draws.length}`,
              onStage,
            },
          );
          const right = hits(logits, truth, task.classes.length);
          await log.add({ method, how, perClass, draw, right });
        }
      } finally {
        learner.destroy();
      }
    }
  }
}

/** Features of the images in memory; without an encoder empty ones. */
async function featuresOf(
  { engine, images, start, settings, reporter }: Scoring,
  { title, weights }: ScoredEncoder,
): Promise<Features> {
  const { pool, task, plan } = images;
  const { imageSize, encoder } = plan;
  if (weights === 'none') return { values: new Float32Array(), columns: 1, origin: { name: title } };
  reporter.progress({ stage: `${title}: features` });
  const wanted = [...task.pool, ...task.heldOut];
  if (weights === 'start') {
    const parameters = engine.parameters();
    const drawn = createEncoder({ parameters, seed: settings.seed }, architectureOf(encoder));
    if (start) for (const [name, values] of atSide(start, imageSize).tensors) parameters.write(name, values);
    const { normalise } = start?.recipe ?? { normalise: pixelScale };
    const rows = await poolFeatures(engine, drawn, pool, wanted, { imageSize, normalise });
    parameters.destroy();
    return { ...rows, origin: { name: title } };
  }
  const origin = encoderOrigin(title, weights, imageSize);
  const loaded = loadEncoder(engine, weights);
  const rows = await poolFeatures(engine, loaded, pool, wanted, origin.recipe);
  loaded.parameters.destroy();
  return { ...rows, origin };
}

async function learnerOf(
  { engine, images, settings }: Scoring,
  how: How,
  features: Features,
  perClass: Point,
): Promise<Method> {
  const { stream, task, pool, plan } = images;
  const classes = task.classes.length;
  // Every image counts by itself.
  const groups = Int32Array.from(stream.paths.keys());
  const name = `${features.origin.name} + ${how}`;
  if (how === 'knn') return knnMethod(name, features, classes);
  if (how === 'probe')
    return probeMethod(name, features, { classes, groups, population: ofPool(features, task.pool) });
  const { encoder, imageSize, policy } = networkOptions(settings, plan);
  const networks: NetworkTraining = {
    engine,
    pool,
    architecture: encoder,
    imageSize,
    policy,
    batch: networkBatch,
    steps: settings.steps ?? networkSteps(labelsAt(task, perClass)),
    heldOutOnly: true,
    fineTuning: readFineTuning(settings),
  };
  const starts = how === 'finetune' ? [features] : [];
  const context = { stream, task, groups, starts, networks, seed: settings.seed };
  const [made] = await createMethods(context, [how]);
  if (!made) throw new Error(`${name} has no encoder to train`);
  return made;
}

const ofPool = (features: FeatureRows, images: Int32Array) =>
  describePopulation(rowsOf(features, images), features.columns);
