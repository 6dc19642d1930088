import { fnv1aOfText } from '../../formats/fnv1a.ts';

/**
 * Finds paths by a key that follows from each. It keeps numbers alone, some twelve bytes a path, and makes keys anew when it
 * compares: beside very many paths, as many keys would not fit.
 */
export class PathIndex {
  readonly #paths: readonly string[];
  readonly #keyOf: (path: string) => string | undefined;
  /** By a hash of the key: the first path that has it, and for each path the next. −1: none. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  /** @param keyOf what a path is found by; undefined where it is not to be found */
  constructor(paths: readonly string[], keyOf: (path: string) => string | undefined = (path) => path) {
    this.#paths = paths;
    this.#keyOf = keyOf;
    this.#first = new Int32Array(2 ** Math.ceil(Math.log2(paths.length + 1))).fill(-1);
    this.#next = new Int32Array(paths.length);
    // From the last to the first, so that they are found in their order.
    for (let at = paths.length - 1; at >= 0; at--) {
      const key = keyOf(paths[at]!);
      if (key === undefined) continue;
      const place = this.#placeOf(key);
      this.#next[at] = this.#first[place]!;
      this.#first[place] = at;
    }
  }

  /** The paths of a key, each once, in their order; undefined where there is none. */
  get(key: string): readonly string[] | undefined {
    const found = new Set<string>();
    for (let at = this.#first[this.#placeOf(key)]!; at >= 0; at = this.#next[at]!)
      if (this.#keyOf(this.#paths[at]!) === key) found.add(this.#paths[at]!);
    return found.size > 0 ? [...found] : undefined;
  }

  /** Whether a path has the key. */
  has(key: string): boolean {
    for (let at = this.#first[this.#placeOf(key)]!; at >= 0; at = this.#next[at]!)
      if (this.#keyOf(this.#paths[at]!) === key) return true;
    return false;
  }

  /** A hash, its upper bits mixed into the lower ones. */
  #placeOf(key: string): number {
    const hash = fnv1aOfText(key);
    return (hash ^ (hash >>> 15)) & (this.#first.length - 1);
  }
}
