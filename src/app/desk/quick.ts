import { isAnswered } from '../../data/labels/none_of_these.ts';
import { statuses } from '../../data/labels/status.ts';
import { largestIndex } from '../../numerics/linear_algebra.ts';
import { countStatuses, type Judgement, nothingSaid } from './judgement.ts';
import type { QuickProbe } from './quick_probe.ts';

/** What a quick judgement is made from. */
export interface QuickInputs {
  /** Knows the features of all images. */
  readonly probe: QuickProbe;
  /** By image: number of its class, −1 none, `noneOfThese`. */
  readonly given: Int32Array;
  /** How many classes there are. */
  readonly classes: number;
  /** 1 for images that get a label. */
  readonly judged: Uint8Array;
  /** Images that are not to be proposed. */
  readonly settled: ReadonlySet<number>;
  /** Answers there are. */
  readonly answers: number;
  /** The error that is allowed. */
  readonly target: number;
}

/** Statuses by number. */
const [givenStatus, autoStatus, reviewStatus] = (['given', 'auto', 'review'] as const).map((name) =>
  statuses.indexOf(name),
) as [number, number, number];

/**
 * A judgement within the blink of an eye: one probe at the usual strength on the labelled images. Its confidences are the
 * probe's own, calibrated by nothing. What takes longer to find out stays as it was judged before, for images that are
 * still predicted so.
 * @param before the last full judgement
 */
export function quickJudgement(inputs: QuickInputs, before: Judgement | undefined): Judgement {
  const { probe, given, classes, judged, settled } = inputs;
  const said = nothingSaid(given.length);
  const probabilities = probe.probabilities(given, classes);
  given.forEach((label, image) => {
    if (isAnswered(label)) {
      said.predicted[image] = Math.max(-1, label);
      said.confidence[image] = 1;
      said.status[image] = givenStatus;
      return;
    }
    if (!probabilities || !judged[image]) return;
    const own = probabilities.subarray(image * classes, (image + 1) * classes);
    const label_ = largestIndex(own);
    said.predicted[image] = label_;
    said.confidence[image] = own[label_]!;
    const earlier = before?.status[image] ?? reviewStatus;
    const changed = before?.predicted[image] !== label_;
    said.status[image] =
      earlier === givenStatus || (earlier === autoStatus && changed) ? reviewStatus : earlier;
  });
  const unlabelled = (image: number) => !settled.has(image);
  return {
    ...said,
    answers: inputs.answers,
    counts: countStatuses(said.status, (image) => judged[image] === 1),
    promise: before?.promise ?? 'too few given labels to promise anything',
    kept: before?.kept ?? false,
    target: inputs.target,
    enough: before?.enough ?? '',
    accuracy: before?.accuracy ?? null,
    next: before?.next.filter(({ image }) => unlabelled(image)) ?? [],
    suspects: before?.suspects.filter(({ image, given: was }) => given[image] === was) ?? [],
    newGroups:
      before?.newGroups.map((group) => group.filter(unlabelled)).filter(({ length }) => length > 0) ?? [],
    warnings: before?.warnings ?? [],
  };
}
