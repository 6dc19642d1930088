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

/** What answers were before, for the way back; the worker keeps the same steps. */
interface Step {
  readonly images: Int32Array;
  readonly before: Int32Array;
}

let steps: Step[] = [];

/** Takes over the answers of a session that was opened. */
export function takeAnswers(): void {
  given.value = session.value?.given.slice() ?? new Int32Array(0);
  skipped.value = new Set();
  steps = [];
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
export async function answer(image: number, said: Answer, origin: Proposed | 'own'): Promise<void> {
  remember(Int32Array.of(image), said);
  const kept = await attempt(async () => {
    await studio.answer(image, said, origin);
    return true;
  });
  if (!kept) stepBack(Int32Array.of(image));
}

/** Keeps the same answer about many images. */
export async function answerAll(images: Int32Array, said: Answer): Promise<void> {
  remember(images, said);
  const kept = await attempt(async () => {
    await studio.answerAll(images, said);
    return true;
  });
  if (!kept) stepBack(images);
}

/** Takes the last answer back. @returns its images */
export async function undo(): Promise<Int32Array> {
  const images = (await attempt(() => studio.undo())) ?? new Int32Array(0);
  if (images.length === 0) note('There is no answer to take back.');
  else stepBack(images);
  return images;
}

function remember(images: Int32Array, said: Answer): void {
  const before = images.map((image) => given.value[image]!);
  steps.push({ images, before });
  if (said === 'skip') skipped.value = new Set([...skipped.value, ...images]);
  else for (const image of images) given.value[image] = said === 'none' ? noneOfThese : said;
  changes.value++;
}

/** Puts back what was before the last step, if it was about these images; of an earlier visit's, that nothing was said. */
function stepBack(images: Int32Array): void {
  const step = steps.at(-1);
  const isLast =
    step?.images.length === images.length && images.every((image) => step.images.includes(image));
  if (isLast) steps.pop();
  const restored = isLast ? step : { images, before: images.map(() => -1) };
  restored.images.forEach((image, i) => {
    given.value[image] = restored.before[i]!;
  });
  const left = new Set(skipped.value);
  for (const image of images) left.delete(image);
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
