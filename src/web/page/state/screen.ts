import { computed, signal } from '@preact/signals';
import { reading, session } from './current.ts';

/** The steps from a drop to labels, in their order. */
export const screens = ['start', 'images', 'augment', 'train', 'label', 'home'] as const;
/** One of `screens`. */
export type Screen = (typeof screens)[number];

/** What the steps are called. */
export const screenNames: Readonly<Record<Screen, string>> = {
  start: 'Start',
  images: 'Images',
  augment: 'Augment',
  train: 'Train',
  label: 'Label',
  home: 'Take home',
};

const chosen = signal<Screen>('start');

/** Whether a step can be gone to: images must be there, and labels need features. */
export function isOpen(screen: Screen): boolean {
  if (screen === 'start' || (screen === 'images' && reading.value)) return true;
  const state = session.value;
  if (!state) return false;
  return screen === 'label' || screen === 'home' ? state.stage === 'ready' : true;
}

/** The step that is shown. */
export const screen = computed<Screen>(() => {
  if (isOpen(chosen.value)) return chosen.value;
  return session.value ? 'train' : 'start';
});

/** Goes to a step, and keeps it and the session in the page's address, so that a reload comes back to it. */
export function goTo(next: Screen): void {
  chosen.value = next;
  keepPlace();
}

/** Writes the place into the address. */
export function keepPlace(): void {
  const place = session.value && chosen.value !== 'start' ? `#${chosen.value}/${session.value.id}` : '#start';
  if (location.hash !== place) history.pushState(null, '', place);
}

/** The place that the address names: a step, and the session's folder where it names one. */
export function placeInAddress(): { readonly screen: Screen; readonly id: string | undefined } {
  const [name = '', id] = decodeURIComponent(location.hash.slice(1)).split('/');
  return { screen: screens.find((known) => known === name) ?? 'start', id };
}

/** Shows a step without another entry in the history: the browser has gone back to it. */
export function show(next: Screen): void {
  chosen.value = next;
}
