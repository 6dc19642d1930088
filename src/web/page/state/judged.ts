import { computed } from '@preact/signals';
import { noneOfThese } from '../../../data/labels/none_of_these.ts';
import { type Status, statuses } from '../../../data/labels/status.ts';
import { percent } from '../../../label/report/format.ts';
import { session } from './current.ts';
import { changes, given } from './labelling.ts';
import { judgement } from './training.ts';

/** The status of an image, where one is known. */
export const statusOf = (image: number): Status | undefined => statuses[judgement.value?.status[image] ?? -1];

/** Images that wait for a person, the most doubtful first. */
export const reviewQueue = computed<readonly number[]>(() => {
  void changes.value;
  const judged = judgement.value;
  if (!judged) return [];
  const review = statuses.indexOf('review');
  return imagesWhere((image) => judged.status[image] === review && given.value[image] === -1).sort(
    (a, b) => judged.confidence[a]! - judged.confidence[b]!,
  );
});

/** Images without a given label that probably belong to a class, the least sure first. */
export function galleryOf(index: number): readonly number[] {
  void changes.value;
  const judged = judgement.value;
  if (!judged) return [];
  return imagesWhere((image) => judged.predicted[image] === index && given.value[image] === -1).sort(
    (a, b) => judged.confidence[a]! - judged.confidence[b]!,
  );
}

/** The share of wrong labels that calibrated confidences expect among images. */
export function expectedError(images: readonly number[]): number {
  const confidence = judgement.value?.confidence;
  if (!confidence || images.length === 0) return 0;
  return images.reduce((sum, image) => sum + 1 - confidence[image]!, 0) / images.length;
}

/** What is known of an image's label, in words. */
export function describeImage(image: number): string {
  const classes = session.value?.classes ?? [];
  const label = given.value[image]!;
  if (label >= 0) return `labelled ${classes[label]}`;
  if (label === noneOfThese) return 'labelled none of these';
  const judged = judgement.value;
  const predicted = judged?.predicted[image] ?? -1;
  if (!judged || predicted < 0) return 'not labelled yet';
  return `probably ${classes[predicted]} (${percent(judged.confidence[image]!)})`;
}

function imagesWhere(holds: (image: number) => boolean): number[] {
  const found: number[] = [];
  for (let image = 0; image < given.value.length; image++) if (holds(image)) found.push(image);
  return found;
}
