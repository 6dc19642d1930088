import { signal } from '@preact/signals';
import { asSentence } from '../words.ts';

/** A sentence for the person. */
export interface Message {
  /** Tells messages apart. */
  readonly id: number;
  /** `error`: something failed and stays said until it is put away. `note`: something to know. */
  readonly kind: 'note' | 'error';
  /** One sentence. */
  readonly text: string;
}

/** At most so many are shown; the oldest note gives way first. */
const mostShown = 4;
const noteSeconds = 12;

/** What is being said, the oldest first. */
export const messages = signal<readonly Message[]>([]);

let last = 0;

/** Says something to know; it goes by itself. */
export const note = (text: string): void => say('note', text);

/** Says what failed; it stays until it is put away. */
export const tellError = (error: unknown): void =>
  say('error', error instanceof Error ? error.message : String(error));

function say(kind: Message['kind'], said: string): void {
  const text = asSentence(said);
  const id = ++last;
  const others = messages.value.filter((message) => message.text !== text);
  const surplus = others.length - mostShown + 1;
  const given = surplus > 0 ? (others.find((message) => message.kind === 'note') ?? others[0]) : undefined;
  messages.value = [...others.filter((message) => message !== given), { id, kind, text }];
  if (kind === 'note') setTimeout(() => putAway(id), 1000 * noteSeconds);
}

/** Takes a message away. */
export function putAway(id: number): void {
  messages.value = messages.value.filter((message) => message.id !== id);
}

/** Does something; where it fails, says why and gives undefined. */
export async function attempt<T>(what: () => Promise<T>): Promise<T | undefined> {
  try {
    return await what();
  } catch (error) {
    tellError(error);
    return undefined;
  }
}
