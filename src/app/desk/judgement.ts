import type { OriginName } from '../../data/labels/origin.ts';
import { statuses } from '../../data/labels/status.ts';
import type { ImageLabel } from '../../label/image_label.ts';
import { promiseText } from '../../label/report/promise.ts';
import type { Report } from '../../label/report/report.ts';
import { enoughText } from './enough.ts';

/** An image proposed to be labelled. */
export interface Proposed {
  /** Its number. */
  readonly image: number;
  /** Why, in words. */
  readonly reason: string;
  /** Whether chance or its use proposes it. */
  readonly origin: OriginName;
  /** The chance with which it was proposed. */
  readonly probability?: number;
}

/** What the answers so far say of every image. Arrays have one entry an image. */
export interface Judgement {
  /** Answers that it rests on. */
  readonly answers: number;
  /** Number of the most probable class, −1 where nothing can be said. */
  readonly predicted: Int16Array;
  /** Calibrated probability of that class; 1 for given labels. */
  readonly confidence: Float32Array;
  /** Number of the status in `statuses` (`src/data/labels/status.ts`). */
  readonly status: Uint8Array;
  /** Images by status. */
  readonly counts: Readonly<Record<string, number>>;
  /** What is promised, in a sentence; why nothing is where that is so. */
  readonly promise: string;
  /** Whether the target error is promised. */
  readonly kept: boolean;
  /** The error allowed among automatic labels, 0 … 1. */
  readonly target: number;
  /** What more labels would bring, in a sentence: `some 20 more labels would …`. */
  readonly enough: string;
  /** Expected share of right labels among all others, with its 95% interval; null where it cannot be told. */
  readonly accuracy: { readonly estimate: number; readonly interval: readonly [number, number] } | null;
  /** What to label next, most useful first. */
  readonly next: readonly Proposed[];
  /** Given labels that look wrong. */
  readonly suspects: readonly { readonly image: number; readonly given: number; readonly likely: number }[];
  /** Groups of images that belong to none of the classes: the most typical ones of each, as the report shows them. */
  readonly newGroups: readonly (readonly number[])[];
  /** The report's warnings. */
  readonly warnings: readonly string[];
}

/** What a judgement is about. */
export interface JudgedSet {
  /** Path of each image. */
  readonly paths: readonly string[];
  /** Names of the person's classes, in their order. */
  readonly classes: readonly string[];
}

/** Arrays in which nothing is said of any image yet. */
export function nothingSaid(images: number): Pick<Judgement, 'predicted' | 'confidence' | 'status'> {
  return {
    predicted: new Int16Array(images).fill(-1),
    confidence: new Float32Array(images),
    status: new Uint8Array(images).fill(statuses.indexOf('review')),
  };
}

/** Images of each status. @param counted whether an image counts; those that get no label do not */
export function countStatuses(
  status: Uint8Array,
  counted: (image: number) => boolean,
): Record<string, number> {
  const counts: Record<string, number> = Object.fromEntries(statuses.map((name) => [name, 0]));
  status.forEach((number, image) => {
    if (counted(image)) counts[statuses[number]!]!++;
  });
  return counts;
}

/**
 * What labels and their report say, by the person's own numbers of images and classes. The same for labels made here and for
 * those of a run's folder.
 * @param answers how many answers they rest on
 * @param target the error allowed among automatic labels, 0 … 1
 */
export function judgementOf(
  labels: readonly ImageLabel[],
  report: Report,
  { paths, classes }: JudgedSet,
  { answers, target }: Pick<Judgement, 'answers' | 'target'>,
): Judgement {
  const imageOf = new Map(paths.map((path, image) => [path, image]));
  const classOf = new Map(classes.map((name, number) => [name, number]));
  const said = nothingSaid(paths.length);
  for (const { path, label, confidence, status } of labels) {
    const image = imageOf.get(path)!;
    said.predicted[image] = classOf.get(label) ?? -1;
    said.confidence[image] = confidence;
    said.status[image] = statuses.indexOf(status);
  }
  const { folderAccuracy } = report;
  return {
    ...said,
    answers,
    counts: report.counts,
    promise: promiseText(report),
    kept: report.promise.kept,
    target,
    enough: enoughText(report),
    accuracy: folderAccuracy && { estimate: folderAccuracy.mean, interval: folderAccuracy.interval },
    next: report.next.map(({ image, reason, origin, probability }) => ({
      image,
      reason,
      origin,
      ...(probability !== undefined && { probability }),
    })),
    suspects: report.suspects.map(({ image, given, suggested }) => ({
      image,
      given: classOf.get(given) ?? -1,
      likely: classOf.get(suggested) ?? -1,
    })),
    newGroups: report.unnamed?.groups.map(({ shown }) => shown.map(({ image }) => image)) ?? [],
    warnings: report.warnings,
  };
}
