import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { describeImage, reviewQueue } from '../state/judged.ts';
import { changes, given, proposals } from '../state/labelling.ts';
import { judgement } from '../state/training.ts';
import { asSentence } from '../words.ts';
import { Station, type StationImage } from './station.tsx';

/** An image that the person chose to see, before what is proposed; null where there is none. */
export const picked = signal<{ readonly image: number; readonly change: number } | null>(null);

/** Shows an image before all others. */
export function pick(image: number): void {
  picked.value = { image, change: changes.value };
}

/** Images that are worth a label, one after the other. */
export function Proposals() {
  const next = proposals.value;
  const own = stillPicked();
  const images = useMemo<readonly StationImage[]>(
    () => [
      ...own.map((image) => ({
        image,
        reason: `Your choice: ${describeImage(image)}.`,
        origin: 'own' as const,
      })),
      ...next
        .filter(({ image }) => image !== own[0])
        .map((one) => ({ image: one.image, reason: asSentence(one.reason), origin: one })),
    ],
    [next, own[0]],
  );
  const empty = judgement.value
    ? 'Nothing is proposed: all images have an answer, or new proposals are being worked out.'
    : 'The first proposals are being worked out.';
  return <Station images={images} onUndone={pick} empty={empty} />;
}

/** What is probably this or that but not surely, the most doubtful first. */
export function Review() {
  const queue = reviewQueue.value;
  const own = stillPicked();
  const images = useMemo<readonly StationImage[]>(
    () =>
      [...own, ...queue.filter((image) => image !== own[0]).slice(0, mostQueued)].map((image) => {
        const guess = judgement.value?.predicted[image] ?? -1;
        const words = describeImage(image);
        const reason = asSentence(guess >= 0 ? `${words}; Enter agrees` : words);
        return { image, reason, origin: 'own' as const, ...(guess >= 0 && { guess }) };
      }),
    [queue, own[0]],
  );
  return <Station images={images} onUndone={pick} empty="Nothing waits for review." />;
}

const mostQueued = 300;

/** The chosen image, until it is answered. */
function stillPicked(): readonly number[] {
  const choice = picked.value;
  if (!choice || changes.value !== choice.change) return [];
  return choice.image < given.value.length ? [choice.image] : [];
}
