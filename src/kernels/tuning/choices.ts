import type { Capabilities } from '../../gpu/device.ts';
import type { Problem } from './problem.ts';

/** A problem that recordings met without knowing its fastest candidate. */
export interface Wish {
  /** Class of shapes. */
  readonly key: string;
  /** Multiply-adds of all its calls so far. */
  readonly multiplyAdds: number;
  /** Makes the problem for the search. */
  readonly problem: () => Problem;
}

/** Names of candidates by class; null: none was timed, and the default stays. */
export type ChoiceTable = Readonly<Record<string, string | null>>;

/**
 * Calls with fewer multiply-adds than this are not worth a search: they take some microseconds on a graphics card and
 * under a millisecond on a processor.
 */
const leastWork = 1 << 20;

/** Which candidate runs for each class of shapes on this adapter, and which classes were asked for in vain. */
export class Choices {
  readonly #fixed = new Map<string, string | null>();
  readonly #shipped = new Map<string, string | null>();
  readonly #measured = new Map<string, string | null>();
  readonly #used = new Map<string, string | null>();
  readonly #wishes = new Map<string, Wish>();
  #isPlanning = false;

  /**
   * The candidate's name; undefined where none is known, which is remembered. Small calls always keep their default,
   * whatever larger ones of their class found.
   * @param key class of shapes
   * @param multiplyAdds of this call
   * @param problem makes the problem for a search
   */
  get(key: string, multiplyAdds: number, problem: () => Problem): string | undefined {
    if (multiplyAdds < leastWork || this.#isPlanning) return undefined;
    const known = this.known(key);
    this.#used.set(key, known ?? null);
    if (known !== undefined) return known ?? undefined;
    const before = this.#wishes.get(key);
    this.#wishes.set(key, {
      key,
      multiplyAdds: multiplyAdds + (before?.multiplyAdds ?? 0),
      problem: before?.problem ?? problem,
    });
    return undefined;
  }

  /** While `body` runs every class has its default, and nothing is remembered. */
  withDefaults<T>(body: () => T): T {
    this.#isPlanning = true;
    try {
      return body();
    } finally {
      this.#isPlanning = false;
    }
  }

  /** What is known of a class: a candidate; null where the default stays untimed; undefined where nothing is known. */
  known(key: string): string | null | undefined {
    for (const map of [this.#fixed, this.#measured]) if (map.has(key)) return map.get(key);
    return this.#shipped.get(key);
  }

  /** The problems that were asked for in vain so far, most work first. */
  get wishes(): Wish[] {
    return [...this.#wishes.values()].sort(
      (a, b) => b.multiplyAdds - a.multiplyAdds || (a.key < b.key ? -1 : 1),
    );
  }

  /** Takes what must not change, from a run that goes on: it goes before all else. */
  fix(table: ChoiceTable): void {
    for (const [key, name] of Object.entries(table)) this.#fixed.set(key, name);
  }

  /** Takes what was measured on this adapter, now or earlier; it goes before what was shipped. */
  learn(table: ChoiceTable): void {
    for (const [key, name] of Object.entries(table)) {
      this.#measured.set(key, name);
      this.#wishes.delete(key);
    }
  }

  /** Takes what is shipped with the project for adapters like this one. */
  ship(table: ChoiceTable): void {
    for (const [key, name] of Object.entries(table)) this.#shipped.set(key, name);
  }

  /** Forgets the classes that a spent budget left with their defaults, so that they are asked for again. */
  forgetUntimed(): void {
    for (const [key, name] of this.#measured) if (name === null) this.#measured.delete(key);
  }

  /** Forgets everything. */
  clear(): void {
    for (const map of [this.#fixed, this.#shipped, this.#measured, this.#used, this.#wishes]) map.clear();
  }

  /** What was measured, to be kept. */
  get measured(): ChoiceTable {
    return Object.fromEntries(this.#measured);
  }

  /** What recordings were told so far; null: the default. */
  get used(): ChoiceTable {
    return Object.fromEntries(this.#used);
  }

  /** How many choices are known, by where they are from. */
  get counts(): { measured: number; shipped: number } {
    const timed = [...this.#measured.values()].filter((name) => name !== null);
    const shipped = [...this.#shipped.keys()].filter((key) => !this.#measured.has(key));
    return { measured: timed.length, shipped: shipped.length };
  }
}

/** What a kernel family chooses by: facts about the adapter, and which of its kernels were found to be the fastest. */
export interface KernelContext {
  /** What the adapter is and offers. */
  readonly capabilities: Capabilities;
  /** Which kernels were found to be the fastest here. */
  readonly choices: Choices;
}
