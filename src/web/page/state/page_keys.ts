import { effect, signal } from '@preact/signals';
import { platform } from '#platform';

/** Whether keys answer wherever the focus is, and not only in the labeller: whoever speaks to the computer turns it off. */
export const pageKeys = signal(platform.preferences?.read('page-keys') !== 'off');

effect(() => platform.preferences?.write('page-keys', pageKeys.value ? 'on' : 'off'));
