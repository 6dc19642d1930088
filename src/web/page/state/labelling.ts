import { computed, signal } from '@preact/signals';
import { noneOfThese } from '../../../data/labels/none_of_these.ts';
import type { Answer, Proposed } from '../../studio/studio.ts';
import { amend, session } from './current.ts';
import { attempt, note } from './messages.ts';
import { studio } from './studio_link.ts';
import { judgement } from './training.ts';

/** By image: the class that the person gave, −1 none, `noneOfThese`. Changed in place; `changes` counts. */
export const given = signal<Int32Array>(new Int32Array(0));
/** Images that the person could not say, in this visit. */
export const skipped = signal<ReadonlySet<number>>(new Set());
/** Counts what was changed in `given`. */
export const changes = signal(0);

/** Takes over the answers of a session that was opened. */
export function takeAnswers(): void {
  given.value = session.value?.given.slice() ?? new Int32Array(0);
  skipped.value = new Set();
  changes.value++;
}

/** How many images each class was given, and how many none of them. */
export const tally = computed(() => {
  void changes.value;
  const counts = new Array<number>(session.value?.classes.length ?? 0).fill(0);
  let [none, answered] = [0, 0];
  for (const label of given.value) {
    if (label >= 0) counts[label] = (counts[label] ?? 0) + 1;
    if (label === noneOfThese) none++;
    if (label !== -1) answered++;
  }
  return { counts, none, answered };
});

/** What to label next, without what was answered meanwhile. */
export const proposals = computed<readonly Proposed[]>(() => {
  void changes.value;
  const next = judgement.value?.next ?? [];
  return next.filter(({ image }) => isOpen(image));
});

/** Whether nothing was said of an image yet. */
export const isOpen = (image: number): boolean => given.value[image] === -1 && !skipped.value.has(image);

/** Keeps an answer about an image. */
export const answer = (image: number, said: Answer, origin: Proposed | 'own'): Promise<void> =>
  keep(Int32Array.of(image), said, () => studio.answer(image, said, origin));

/** Keeps the same answer about many images. */
export const answerAll = (images: Int32Array, said: Answer): Promise<void> =>
  keep(images, said, () => studio.answerAll(images, said));

/** Shows an answer at once, and what was there before where it cannot be kept. */
async function keep(images: Int32Array, said: Answer, tell: () => Promise<void>): Promise<void> {
  const before = Array.from(images, shownAnswer);
  show(
    images,
    before.map(() => said),
  );
  const kept = await attempt(async () => {
    await tell();
    return true;
  });
  if (!kept) show(images, before);
}

/** Takes the last answer back. @returns its images */
export async function undo(): Promise<Int32Array> {
  const undone = await attempt(() => studio.undo());
  if (!undone) return new Int32Array(0);
  if (undone.images.length === 0) note('There is no answer to take back.');
  show(undone.images, undone.answers);
  return undone.images;
}

function shownAnswer(image: number): Answer | null {
  const label = given.value[image]!;
  if (label === -1) return skipped.value.has(image) ? 'skip' : null;
  return label === noneOfThese ? 'none' : label;
}

/** Shows answers as they are kept. */
function show(images: Int32Array, answers: readonly (Answer | null)[]): void {
  const left = new Set(skipped.value);
  images.forEach((image, at) => {
    const said = answers[at] ?? null;
    given.value[image] = said === 'none' ? noneOfThese : typeof said === 'number' ? said : -1;
    if (said === 'skip') left.add(image);
    else left.delete(image);
  });
  skipped.value = left;
  changes.value++;
}

/** Adds a class. */
export async function addClass(name: string): Promise<void> {
  const classes = await attempt(() => studio.addClass(name));
  if (classes) amend({ classes });
}

/** Renames a class. */
export async function renameClass(index: number, name: string): Promise<void> {
  const classes = await attempt(() => studio.renameClass(index, name));
  if (classes) amend({ classes });
}
