import { useEffect, useRef } from 'preact/hooks';
import type { KindredLabeller, LabellerEvents, LabellerImage } from '../../labeller/index.ts';
import type { Proposed } from '../../studio/studio.ts';
import { classColour } from '../map/class_colours.ts';
import { session } from '../state/current.ts';
import { addClass, answer, isOpen, renameClass, tally, undo } from '../state/labelling.ts';
import { originalOf } from '../state/originals.ts';
import { pageKeys } from '../state/page_keys.ts';
import { imageData, pixelsOf } from '../state/pixel_store.ts';
import { isDark } from '../theme.tsx';

/** An image that a station shows. */
export interface StationImage {
  readonly image: number;
  /** Why it is shown. */
  readonly reason: string;
  /** How the person came to it, which its answer is kept with. */
  readonly origin: Proposed | 'own';
  /** The class that it probably has, where it is to be suggested. */
  readonly guess?: number;
}

/** The labeller at work on a list of this session's images. */
export function Station({
  images,
  chosen,
  onUndone,
  empty,
}: {
  readonly images: readonly StationImage[];
  /** What the person chose to see before them. */
  readonly chosen: StationImage | undefined;
  /** Told which image's answer was taken back. */
  readonly onUndone: (image: number) => void;
  /** What is said when no image is left. */
  readonly empty: string;
}) {
  const element = useRef<KindredLabeller>(null);
  const origins = useRef(new Map<number, StationImage['origin']>());
  const { classes = [], readOnly = false } = session.value ?? {};
  const dark = isDark();
  useEffect(() => {
    for (const { image, origin } of images) origins.current.set(image, origin);
    // New proposals do not take away the image that a person is looking at, who may be about to press a key.
    const held = element.current!.current;
    const stays = held && (isOpen(Number(held.id)) || held.id === chosen?.image);
    const others = images.filter(({ image }) => !stays || image !== held.id).map(shown);
    element.current!.images = stays ? [held, ...others] : others;
  }, [images]);
  useEffect(() => {
    if (!chosen) return;
    origins.current.set(chosen.image, chosen.origin);
    element.current!.present(shown(chosen));
  }, [chosen]);
  useEffect(() => {
    element.current!.classes = classes;
    element.current!.colours = classes.map((_, index) => classColour(index, dark));
  }, [classes, dark]);
  const { counts } = tally.value;
  useEffect(() => {
    element.current!.counts = counts;
  }, [counts]);
  useEffect(() => {
    const labeller = element.current!;
    const stop = new AbortController();
    const on = <Name extends keyof LabellerEvents>(name: Name, hear: (event: LabellerEvents[Name]) => void) =>
      labeller.addEventListener(name, hear as EventListener, { signal: stop.signal });
    on('answer', ({ detail }) => {
      const image = Number(detail.image.id);
      void answer(image, detail.answer, origins.current.get(image) ?? 'own');
    });
    on('undo', (event) => {
      event.preventDefault();
      void undo().then((undone) => undone.length === 1 && onUndone(undone[0]!));
    });
    on('classadd', (event) => {
      event.preventDefault();
      void addClass(event.detail.name);
    });
    on('classrename', (event) => {
      event.preventDefault();
      void renameClass(event.detail.index, event.detail.name);
    });
    // Whoever goes through the tabs by arrow keys stays there.
    if (!document.activeElement?.matches('[role=tab]')) labeller.focus({ preventScroll: true });
    return () => stop.abort();
  }, [onUndone]);
  return (
    <>
      {/* Preact writes false into an attribute whose fifth letter is a hyphen, as if it were one of aria's. */}
      <kindred-labeller ref={element} {...(pageKeys.value && { 'page-keys': true })} readonly={readOnly}>
        <span slot="empty">{empty}</span>
      </kindred-labeller>
      <label class="page-keys">
        <input
          type="checkbox"
          checked={pageKeys.value}
          onChange={({ currentTarget }) => {
            pageKeys.value = currentTarget.checked;
          }}
        />
        Keys answer wherever the focus is
      </label>
    </>
  );
}

function shown({ image, reason, guess }: StationImage): LabellerImage {
  const path = session.value?.paths[image] ?? '';
  const picture = async () =>
    (await originalOf(path)) ?? imageData(await pixelsOf(image), session.value?.side ?? 1);
  return { id: image, name: path, reason, picture, ...(guess !== undefined && { guess }) };
}
