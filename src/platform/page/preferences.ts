import type { Preferences } from '../platform.ts';

/** In the origin's local storage; where that is refused, a choice holds for the visit. */
export const pagePreferences: Preferences = {
  read(name) {
    try {
      return localStorage.getItem(keyOf(name)) ?? undefined;
    } catch {
      return undefined;
    }
  },
  write(name, choice) {
    try {
      localStorage.setItem(keyOf(name), choice);
    } catch {
      // Refused, or full.
    }
  },
};

const keyOf = (name: string) => `kindred-${name}`;
