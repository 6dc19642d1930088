import { batch, signal } from '@preact/signals';
import type { Judgement, StudioEvent, TrainingChoice, TrainingEnd } from '../../studio/studio.ts';
import { amend, session } from './current.ts';
import { note } from './messages.ts';
import { studio } from './studio_link.ts';
import { during, progress } from './work.ts';

/** An epoch's end. */
export type Epoch = Extract<StudioEvent, { kind: 'epoch' }>;

/** The epochs of this training so far. */
export const epochs = signal<readonly Epoch[]>([]);
/** Where images lie on the map. */
export const map = signal<{ readonly images: Int32Array; readonly points: Float32Array } | null>(null);
/** What the answers say of every image. */
export const judgement = signal<Judgement | null>(null);
/** Whether it is being found out anew, or is a first estimate. */
export const judging = signal<'no' | 'quick' | 'yes'>('no');
/** What the person would train with; stays while steps are gone through. */
export const choice = signal<TrainingChoice>({ method: 'base' });
/** How the last training ended, where it did not end well. */
export const ending = signal<TrainingEnd | null>(null);
/** What trains. */
export const chosen = signal<TrainingChoice | null>(null);
/** Whether a pause was asked for and has not come yet. */
export const pausing = signal(false);

/** Forgets what belongs to the session that was open. */
export function forgetTraining(): void {
  batch(() => {
    epochs.value = [];
    map.value = null;
    judgement.value = null;
    judging.value = 'no';
    ending.value = null;
    chosen.value = null;
  });
}

/** Takes what happens in the worker. */
export function hear(event: StudioEvent): void {
  switch (event.kind) {
    case 'progress':
      progress.value = event;
      return;
    case 'epoch':
      // After a device was lost, epochs come again from the last kept step on.
      epochs.value = [...epochs.value.filter(({ epoch }) => epoch < event.epoch), event];
      return;
    case 'map':
      map.value = event;
      return;
    case 'judging':
      judging.value = 'yes';
      return;
    case 'judged':
      batch(() => {
        judgement.value = event.judgement;
        judging.value = event.quick ? 'quick' : 'no';
      });
      return;
    case 'note':
      // What a training says of each epoch is in its figures.
      if (!/^epoch \d/.test(event.text)) note(event.text);
      return;
    case 'lost':
      // Where it does not go on, the training's end says so.
      if (event.recovering) note(`${event.message}: the training goes on from the last step that was kept`);
      return;
    case 'storage':
      note(event.message);
  }
}

/** Trains, to its end or a pause. */
export async function train(given: TrainingChoice): Promise<void> {
  batch(() => {
    epochs.value = [];
    chosen.value = given;
  });
  await work(() => studio.train(given));
}

/** Goes on with a training that was paused. */
export const resume = (): Promise<void> => work(() => studio.resume());

/** Stops at the next step, with a checkpoint. */
export async function pause(): Promise<void> {
  pausing.value = true;
  await studio.pause();
}

async function work(what: () => Promise<TrainingEnd>): Promise<void> {
  ending.value = null;
  const end = await during('training', what);
  batch(() => {
    pausing.value = false;
    if (!end || !session.value) return;
    amend({ stage: end.stage, ...(end.state === 'done' && { encoder: describe(chosen.value) }) });
    if (end.state !== 'done') ending.value = end;
  });
}

function describe(choice: TrainingChoice | null): string {
  if (!choice) return 'the training that was paused';
  if (choice.method === 'base') return "kindred's base encoder";
  if (choice.method === 'hub') return `the encoder ${choice.name ?? ''}`;
  return choice.method === 'file' ? `the encoder ${choice.file?.name ?? ''}` : choice.method;
}
