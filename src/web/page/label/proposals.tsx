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
  const images = useMemo<readonly StationImage[]>(
    () => next.map((one) => ({ image: one.image, reason: asSentence(one.reason), origin: one })),
    [next],
  );
  const empty = judgement.value
    ? 'Nothing is proposed: all images have an answer, or new proposals are being worked out.'
    : 'The first proposals are being worked out.';
  return <Station images={images} chosen={useChosen()} onUndone={pick} empty={empty} />;
}

/** What is probably this or that but not surely, the most doubtful first. */
export function Review() {
  const queue = reviewQueue.value;
  const images = useMemo<readonly StationImage[]>(
    () =>
      queue.slice(0, mostQueued).map((image) => {
        const guess = judgement.value?.predicted[image] ?? -1;
        const words = describeImage(image);
        const reason = asSentence(guess >= 0 ? `${words}; Enter agrees` : words);
        return { image, reason, origin: 'own', ...(guess >= 0 && { guess }) };
      }),
    [queue],
  );
  return <Station images={images} chosen={useChosen()} onUndone={pick} empty="Nothing waits for review." />;
}

const mostQueued = 300;

/** The chosen image, until something is answered. */
function useChosen(): StationImage | undefined {
  const choice = picked.value;
  const isCurrent = choice !== null && changes.value === choice.change && choice.image < given.value.length;
  return useMemo(() => {
    if (!isCurrent) return undefined;
    return { image: choice.image, reason: `Your choice: ${describeImage(choice.image)}.`, origin: 'own' };
  }, [choice, isCurrent]);
}
