import { type MethodName, pretextMethods } from '../../pretext/registry.ts';
import { type ComparedName, type ComparedSettings, downstreamNames } from '../settings/compare.ts';
import type { Point } from './points.ts';
import type { How } from './score_compared.ts';

/** One row of a comparison: which encoder, what is made of it, at which points. */
export interface ComparedEntry {
  /** A method; `random`: the network as the seed draws it; `start`: as the weights that all went on from have it. */
  readonly name: ComparedName | 'random' | 'start';
  /** For people. */
  readonly title: string;
  /** Whether its training sees every label that is not held out. */
  readonly learnsFromLabels: boolean;
  /** What learns from the labels. */
  readonly hows: readonly How[];
  /** At which points. */
  readonly points: readonly Point[];
}

/** Compared where the user does not say what. */
const usual: readonly ComparedName[] = ['simclr', 'byol', 'rotation', 'scratch'];

/** Whether an entry is a pretext task. */
export const isPretext = (name: ComparedEntry['name']): name is MethodName => name in pretextMethods;

/**
 * What is compared, in the order of the table of methods; last, as a reference, what all of them began as. An encoder that learned
 * from all labels is scored with all of them alone: with fewer it would have seen more labels than it is given.
 * @param start what the weights are called that all methods go on from
 */
export function entriesOf(
  { methods = usual, downstream = downstreamNames }: Pick<ComparedSettings, 'methods' | 'downstream'>,
  points: readonly Point[],
  start?: string,
): ComparedEntry[] {
  const compared = methods.map((name): ComparedEntry => {
    if (name === 'scratch')
      return {
        name,
        title: 'supervised from scratch',
        learnsFromLabels: false,
        hows: ['supervised'],
        points,
      };
    const { title, learnsFromLabels } = pretextMethods[name];
    const own = learnsFromLabels ? points.filter((point) => point === null) : points;
    return { name, title, learnsFromLabels, hows: downstream, points: own };
  });
  const onFeatures = downstream.filter((how) => how !== 'finetune');
  if (onFeatures.length === 0) return compared;
  const before =
    start === undefined
      ? ({ name: 'random', title: 'random features' } as const)
      : ({ name: 'start', title: `${start}, as it was` } as const);
  return [...compared, { ...before, learnsFromLabels: false, hows: onFeatures, points }];
}
