import type { ClassShares } from '../confidence/class_shares.ts';
import type { FolderAccuracy } from '../confidence/folder_accuracy.ts';
import type { LabelNoise } from '../confidence/label_noise.ts';
import { percent, range } from './format.ts';

/** The share of a class among the images without a label, corrected for what is confused. */
export interface ShareEstimate {
  /** The class's name. */
  readonly name: string;
  /** Expected share, 0 … 1. */
  readonly share: number;
  /** 95% interval. */
  readonly interval: readonly [number, number];
}

/** Wrong given labels, as far as their number shows. */
export interface NoiseEstimate {
  /** Share of the given labels, of the pair's where there is one, that is likely wrong, 0 … 1. */
  readonly share: number;
  /** Names of two classes that were given for one another; null where wrong labels are of any class. */
  readonly pair: readonly [string, string] | null;
  /** Twice the logarithm of how much likelier the labels are with wrong ones among them than without. */
  readonly evidence: number;
}

/** What is estimated of the images without a label, and of the labels as a whole. */
export interface Estimates {
  /**
   * Accuracy on the images without a label; null where labels are too few for folds, and where they are known not to stand
   * for the other images.
   */
  readonly folderAccuracy: FolderAccuracy | null;
  /** Shares of the classes among them, by class; null where labels are too few for folds. */
  readonly classShares: readonly ShareEstimate[] | null;
  /** Wrong given labels; null where chance explains what the others speak against. */
  readonly labelNoise: NoiseEstimate | null;
}

/** Shares by the classes' names. */
export function nameShares(
  { mean, intervals }: Pick<ClassShares, 'mean' | 'intervals'>,
  names: readonly string[],
): ShareEstimate[] {
  return names.map((name, k) => ({ name, share: mean[k]!, interval: intervals[k]! }));
}

/** Wrong labels by the classes' names. */
export function nameNoise(noise: LabelNoise | null, names: readonly string[]): NoiseEstimate | null {
  return noise && { ...noise, pair: noise.pair && [names[noise.pair[0]]!, names[noise.pair[1]]!] };
}

/** What a report says of how far its labels stand for the other images. */
interface AccuracyFacts extends Pick<Estimates, 'folderAccuracy'> {
  readonly outOfFold: object | null;
  readonly likeness?: { readonly apart: boolean };
  readonly order?: { readonly dependent: boolean };
}

/** What of the images without a label is expected to be right, in a sentence; empty where nothing is known. */
export function accuracyText(report: AccuracyFacts): string {
  const { folderAccuracy, outOfFold, likeness, order } = report;
  if (outOfFold && (likeness?.apart || order?.dependent))
    return 'That says nothing of the images without a label: the labels do not stand for them (see the warnings).';
  if (!folderAccuracy) return '';
  const { mean, interval, candidates } = folderAccuracy;
  const choice = candidates > 1 ? `the choice among ${candidates} candidates and for ` : '';
  return `Of the images without a label ${percent(mean)} are expected to be named rightly (95% interval ${range(interval)}), which allows for ${choice}the shares of the classes.`;
}

/** Classes that a line names. */
const mostNamed = 10;

/** Shares of the classes among the images without a label, the largest first, in a line. */
export function sharesText(shares: readonly ShareEstimate[]): string {
  const named = [...shares]
    .sort((a, b) => b.share - a.share)
    .slice(0, mostNamed)
    .map(({ name, share, interval }) => `${name} ${percent(share)} (${range(interval)})`);
  return shares.length > mostNamed
    ? `${named.join(', ')} and ${shares.length - mostNamed} more`
    : named.join(', ');
}

/** Stands where more given labels seem wrong than chance explains. */
export function noiseWarning({ share, pair }: NoiseEstimate): string {
  return pair
    ? `Some labels of '${pair[0]}' and '${pair[1]}' seem to be given for one another: about ${percent(share)} of the two classes' labels are probably wrong, more than chance explains. Check the labels that the report suspects, and agree on what tells the two classes apart.`
    : `More given labels look wrong than chance explains: about ${percent(share)} of them. What is learned from and checked against such labels is worth less than it seems. Check the labels that the report suspects first.`;
}
