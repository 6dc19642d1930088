import { UserError } from '../../errors.ts';
import { type Parts, partsOf, startsWith } from './paths.ts';
import type { Store } from './store.ts';

/** A path's store, and where in it the path lies. */
export interface Place {
  readonly store: Store;
  readonly parts: Parts;
}

/** A store whose folders may be those of others, as file systems are mounted. */
export class Tree {
  readonly #base: Store;
  readonly #mounts: { readonly at: Parts; readonly store: Store }[] = [];

  constructor(base: Store) {
    this.#base = base;
  }

  /** @throws UserError where something is mounted there, or the path is the root */
  mount(path: string, store: Store): void {
    const at = partsOf(path);
    if (at.length === 0 || this.#at(at) !== undefined)
      throw new UserError(`"${path}" is taken: name another place`);
    this.#mounts.push({ at, store });
  }

  unmount(path: string): void {
    const found = this.#at(partsOf(path));
    if (found !== undefined) this.#mounts.splice(found, 1);
  }

  /** @throws UserError where a path leads above the root */
  place(path: string): Place {
    const parts = partsOf(path);
    const inside = this.#mounts
      .filter(({ at }) => startsWith(parts, at))
      .sort((a, b) => b.at.length - a.at.length)[0];
    return inside
      ? { store: inside.store, parts: parts.slice(inside.at.length) }
      : { store: this.#base, parts };
  }

  /** What is mounted below a folder, by its path relative to that. */
  mountsBelow(path: string): { readonly path: string; readonly store: Store }[] {
    const parts = partsOf(path);
    return this.#mounts
      .filter(({ at }) => at.length > parts.length && startsWith(at, parts))
      .map(({ at, store }) => ({ path: at.slice(parts.length).join('/'), store }));
  }

  #at(parts: Parts): number | undefined {
    const found = this.#mounts.findIndex(({ at }) => at.join('/') === parts.join('/'));
    return found < 0 ? undefined : found;
  }
}
