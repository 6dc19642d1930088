import type { Engine } from '../autograd/engine.ts';
import type { ImageSource, Labels } from '../data/image_source.ts';
import { partitionIndices } from '../data/image_source.ts';
import { presets } from '../data/policy.ts';
import { holdOut } from '../data/split.ts';
import {
  type ComparisonRow,
  majorityRow,
  probeRow,
  randomFeaturesRow,
  supervisedRow,
  type Task,
} from './comparison.ts';
import { encoderMetadata, exportEncoder, exportHead } from './export.ts';
import type { FeatureExtractor } from './features.ts';
import { type PretrainOptions, type PretrainRun, pretrain } from './pretrain.ts';
import type { Probe } from './probe.ts';

/** Which images are trained on, which are labelled, which only score. */
export interface Roles {
  readonly pretext: Int32Array;
  readonly labelled: Int32Array;
  readonly labels: Int32Array;
  readonly heldOut: Int32Array;
  readonly truth: Int32Array;
  /** Where the held-out images come from, in words. */
  readonly heldOutFrom: string;
}

/** Share of the given labels that is kept for scoring where nothing else can score. */
const heldOutShare = 0.3;

/**
 * Deals out the images. Held-out are, in this order of preference: an official test part; images whose known label was
 * hidden; a stratified part of the given labels.
 * @param given the labels that training may see
 */
export function assignRoles(source: ImageSource, given: Labels, seed: number): Roles {
  const pretext = partitionIndices(source, 'train');
  const classOf = truthByGivenClasses(source, given);
  const known = (image: number) => classOf[image]! >= 0;
  const isGiven = (image: number) => given.labels[image]! >= 0;
  const pick = (images: Int32Array, from: Int32Array) => images.map((image) => from[image]!);
  const labelled = pretext.filter(isGiven);
  const test = partitionIndices(source, 'test').filter(known);
  const hidden = pretext.filter((image) => known(image) && !isGiven(image));
  const official = test.length > 0;
  if (official || hidden.length > 0) {
    const heldOut = official ? test : hidden;
    const heldOutFrom = official ? 'the official test images' : 'images whose labels were hidden';
    const roles = { pretext, labelled, labels: pick(labelled, given.labels) };
    return { ...roles, heldOut, truth: pick(heldOut, classOf), heldOutFrom };
  }
  const split = holdOut(given.labels, heldOutShare, seed);
  const [train, scored] = [Int32Array.from(split.train), Int32Array.from(split.heldOut)];
  return {
    pretext,
    labelled: train,
    labels: pick(train, given.labels),
    heldOut: scored,
    truth: pick(scored, given.labels),
    heldOutFrom: `${Math.round(100 * heldOutShare)}% of the given labels`,
  };
}

/** The source's own labels, numbered as the given classes; −1 where unknown or of another class. */
function truthByGivenClasses(source: ImageSource, given: Labels): Int32Array {
  const numbers = source.classes.map((name) => given.classes.indexOf(name));
  return source.labels.map((label) => (label < 0 ? -1 : numbers[label]!));
}

export interface PipelineResult {
  readonly interrupted: boolean;
  readonly step: number;
  readonly rows: readonly ComparisonRow[];
}

/** Tells how far a stage is; throws the signal's reason once the run is to stop. */
type StageProgress = (done?: number, total?: number) => void;

/**
 * The main job: pretext on all images, a probe on the few labels, the baselines beside it; writes the encoder, the head
 * and `report.json` to the run's folder. Interrupted behind the pretext, a resumed run begins there.
 */
export async function trainAndCompare(
  engine: Engine,
  source: ImageSource,
  given: Labels,
  roles: Roles,
  options: PretrainOptions,
  run: PretrainRun & { readonly onStage?: (stage: string, done?: number, total?: number) => void },
): Promise<PipelineResult> {
  const { pixels, size } = source;
  const { files, folder, signal } = run;
  const classes = given.classes.length;
  const visible = new Int32Array(source.labels.length).fill(-1);
  roles.labelled.forEach((image, i) => {
    visible[image] = roles.labels[i]!;
  });
  const data = { pixels, size, images: roles.pretext, labels: visible, classes };
  const { simclr, extract, interrupted, step } = await pretrain(engine, data, options, run);
  if (interrupted) return { interrupted, step, rows: [] };

  const stage =
    (name: string): StageProgress =>
    (done, total) => {
      signal?.throwIfAborted();
      run.onStage?.(name, done, total);
    };
  let comparison: Comparison;
  try {
    comparison = await compare(engine, { pixels, size, ...roles, classes }, extract, options, stage);
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return { interrupted: true, step, rows: [] };
    throw error;
  }
  const { probe, rows } = comparison;
  await files.writeAtomic(
    files.join(folder, 'encoder.safetensors'),
    await exportEncoder(simclr.parameters, encoderMetadata(options)),
  );
  await files.writeAtomic(files.join(folder, 'head.safetensors'), exportHead(probe, given.classes));
  const report = {
    labelled: roles.labelled.length,
    heldOut: roles.heldOut.length,
    heldOutFrom: roles.heldOutFrom,
    probe: { strength: probe.strength, validation: probe.validation },
    comparison: rows,
  };
  await files.writeAtomic(files.join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  return { interrupted, step, rows };
}

interface Comparison {
  readonly probe: Probe;
  readonly rows: readonly ComparisonRow[];
}

async function compare(
  engine: Engine,
  task: Task,
  extract: FeatureExtractor,
  { encoder, imageSize, seed }: PretrainOptions,
  stage: (name: string) => StageProgress,
): Promise<Comparison> {
  const { pixels, size } = task;
  const onSimclr = stage('probe on SimCLR features');
  const { row, probe } = await probeRow('SimCLR features + probe', task, extract, seed, onSimclr);
  const features = { pixels, sourceSize: size, imageSize, batch: 64 };
  const onRandom = stage('probe on random features');
  const random = await randomFeaturesRow(engine, task, encoder, features, seed, onRandom);
  const supervised = await supervisedRow(
    engine,
    task,
    {
      encoder,
      imageSize,
      batch: 32,
      steps: supervisedSteps(task.labelled.length),
      learningRate: 0.05,
      momentum: 0.9,
      weightDecay: 5e-4,
      policy: presets.weak,
      seed,
    },
    stage('supervised from scratch'),
  );
  return { probe, rows: [row, random, supervised, majorityRow(task)] };
}

/** About sixty passes over the labelled images in batches of 32, at least 150 steps and at most 600. */
function supervisedSteps(labelled: number): number {
  return Math.min(600, Math.max(150, Math.round((60 * labelled) / 32)));
}
