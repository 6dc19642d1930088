import type { Capabilities } from '../../gpu/device.ts';
import { type LabellingMethodName, labellingMethods } from '../../label/methods/method_registry.ts';
import { architectureOf } from '../../nn/family_registry.ts';
import { multiplyAdds } from '../../nn/multiply_adds.ts';
import type { LabellingSettings } from '../settings/common.ts';
import type { AdapterSpeed } from './adapter_speed.ts';
import { type PlannedNetwork, stepShare } from './training_plan.ts';

/** How much of the comparison the adapter has time for. */
export interface LabellingPlan {
  /** Methods to compare. */
  readonly methods: readonly LabellingMethodName[];
  /** Folds of the given labels. */
  readonly folds: number;
  /** Networks trained on labels are only scored on held-out images, without folds. */
  readonly networksHeldOutOnly: boolean;
  /** Steps of one training of a network on labels. */
  readonly steps: number;
  /** Steps that a training takes where time does not matter. */
  readonly wantedSteps: number;
  /** Methods left out for want of time. */
  readonly omitted: readonly LabellingMethodName[];
}

/** What the time that a comparison takes depends on. */
export interface LabellingFacts {
  /** Given labels. */
  readonly labelled: number;
  /** Images that only score. */
  readonly heldOut: number;
  /** The network of supervised training from scratch. */
  readonly scratch: PlannedNetwork;
  /** The encoders that can be trained further, at the squares that they see. */
  readonly starts: readonly PlannedNetwork[];
  /** Seconds that trainings on labels may take on a processor; four minutes by default. */
  readonly patience?: number | undefined;
  /** Most steps of one training on a processor where the user does not say. */
  readonly mostSteps?: number | undefined;
  /** The adapter's measured speed. */
  readonly speed: AdapterSpeed;
  /** What the adapter is and allows. */
  readonly capabilities: Capabilities;
}

/** Images of one training step on labels. */
export const networkBatch = 32;
/** Seconds that trainings on labels may take on a processor where nobody says. */
const usualPatience = 240;
/** Steps of a training on labels below which it has hardly begun. */
const fewestSteps = 100;
/** One self-training step passes so many more images than a step on labels alone. */
const selfTrainingCost = 5;

/** Chooses methods, folds and steps by the time that their trainings would take. */
export function planLabelling(options: LabellingSettings, facts: LabellingFacts): LabellingPlan {
  const { labelled, heldOut, scratch, starts, patience = usualPatience, mostSteps, speed } = facts;
  const { driver } = facts.capabilities;
  const usualSteps = networkSteps(labelled);
  const software = driver !== 'gpu';
  const steps = options.steps ?? Math.min(usualSteps, (software ? mostSteps : undefined) ?? usualSteps);
  /** Seconds of one training on labels alone. */
  const secondsOf = ({ encoder, imageSize }: PlannedNetwork): number => {
    const flops = 3 * 2 * multiplyAdds(architectureOf(encoder), imageSize) * networkBatch * steps;
    return flops / (stepShare(driver, encoder) * speed.flops);
  };
  const ofStarts = starts.reduce((sum, start) => sum + secondsOf(start), 0);
  const costs: Partial<Record<LabellingMethodName, number>> = {
    finetune: ofStarts,
    selftrain: selfTrainingCost * ofStarts,
    supervised: secondsOf(scratch),
  };
  const costOf = (name: LabellingMethodName) => costs[name] ?? 0;
  const total = (names: readonly LabellingMethodName[], fits: number) =>
    names.reduce((sum, name) => sum + costOf(name) * fits, 0);
  const finals = heldOut > 0 ? options.draws : 1;
  const plan = (
    methods: readonly LabellingMethodName[],
    folds: number,
    networksHeldOutOnly: boolean,
    taken = steps,
  ) => ({
    methods,
    folds,
    networksHeldOutOnly,
    steps: taken,
    wantedSteps: options.steps ?? usualSteps,
    omitted: labellingMethods.filter((name) => !methods.includes(name)),
  });
  if (options.methods || !software) {
    return plan(options.methods ?? labellingMethods, options.folds ?? 5, false);
  }
  const choices = [
    [labellingMethods, 5],
    [labellingMethods.filter((name) => name !== 'selftrain'), 5],
    [labellingMethods.filter((name) => name !== 'selftrain'), 3],
    [labellingMethods.filter((name) => name !== 'selftrain' && name !== 'finetune'), 3],
  ] as const;
  for (const [methods, folds] of choices) {
    const fits = (options.folds ?? folds) + finals;
    if (total(methods, fits) <= patience) return plan(methods, options.folds ?? folds, false);
  }
  const [fewest, fewestFolds] = choices.at(-1)!;
  const folds = options.folds ?? fewestFolds;
  // What was trained for a shorter time but on folds can be chosen, and its errors are known.
  const affordable = Math.floor((steps * patience) / total(fewest, folds + finals));
  if (options.steps === undefined && affordable >= fewestSteps) return plan(fewest, folds, false, affordable);
  return plan(fewest, folds, heldOut > 0);
}

/** About sixty passes over the labelled images, at least 150 steps and at most 600. */
export function networkSteps(labelled: number): number {
  return Math.min(600, Math.max(150, Math.round((60 * labelled) / networkBatch)));
}
