import type { ChoiceTable, Wish } from '../gpu/choices.ts';
import type { Gpu } from '../gpu/device.ts';
import { keepChoices, recallChoices } from './choice_cache.ts';
import { firstLine, search } from './search.ts';

/** How long kernels are timed on this adapter, and who hears of it. */
export interface TuningOptions {
  /**
   * How long this engine may time kernels, in seconds. Default 20 on a graphics card; 0 on software adapters, where each
   * candidate compiles for up to a second and the shipped choices hold.
   */
  readonly seconds?: number | undefined;
  /** Of a run that goes on: these hold whatever else is known, and no budget is spent on what was left out earlier. */
  readonly fixed?: ChoiceTable | undefined;
  /** How many of the classes of shapes that were asked for are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Hears in one line of a kernel that failed to compile here, or differed from its plain twin. */
  readonly onRefused?: (message: string) => void;
  /** Hears why what was measured could not be kept for later processes. */
  readonly onUnkept?: (reason: string) => void;
}

/** Times the variants of kernels whose fastest is not known for this adapter, within a budget, and keeps the result. */
export class Tuner {
  readonly #gpu: Gpu;
  readonly #options: TuningOptions;
  readonly #seconds: number;
  readonly #refused = new Set<string>();
  #spent = 0;
  #before: Promise<unknown> = Promise.resolve();

  private constructor(gpu: Gpu, options: TuningOptions, seconds: number) {
    this.#gpu = gpu;
    this.#options = options;
    this.#seconds = seconds;
  }

  /** With all that is known of the adapter from earlier. Without options nothing more is timed. */
  static async create(gpu: Gpu, options: TuningOptions = { seconds: 0 }): Promise<Tuner> {
    const { choices, driver } = gpu.capabilities;
    await recallChoices(gpu.capabilities);
    if (options.fixed) choices.fix(options.fixed);
    // Whoever names a budget wants it spent also on what an earlier one left out.
    else if (options.seconds) choices.forgetUntimed();
    return new Tuner(gpu, options, options.seconds ?? (driver === 'gpu' ? 20 : 0));
  }

  /**
   * Grants the wishes of what was recorded so far, most work first. Those that the budget has no time for keep their
   * defaults, also in later processes: the same command shall give the same bytes.
   * @returns whether a choice was made, so that what was recorded may now be recorded better
   */
  tune(): Promise<boolean> {
    const { wishes } = this.#gpu.capabilities.choices;
    if (this.#seconds === 0 || wishes.length === 0) return Promise.resolve(false);
    // Two searches at once would time each other.
    const granted = this.#before.then(() => this.#grant(wishes));
    this.#before = granted.catch(() => {});
    return granted;
  }

  async #grant(wishes: readonly Wish[]): Promise<boolean> {
    const { choices } = this.#gpu.capabilities;
    const start = performance.now();
    const isLate = () => this.#spent + (performance.now() - start) / 1000 > this.#seconds;
    const options = { isLate, refused: this.#refused, onRefused: this.#options.onRefused ?? (() => {}) };
    for (const [done, { key, problem }] of wishes.entries()) {
      if (choices.known(key) !== undefined) continue;
      this.#options.onProgress?.(done, wishes.length);
      choices.learn({ [key]: isLate() ? null : await this.#fastest(problem, options) });
    }
    this.#spent += (performance.now() - start) / 1000;
    const problem = await keepChoices(this.#gpu.capabilities);
    if (problem) this.#options.onUnkept?.(problem);
    return true;
  }

  async #fastest(problem: Wish['problem'], options: Parameters<typeof search>[2]): Promise<string | null> {
    const made = problem();
    try {
      return (await search(this.#gpu, made, options))?.best ?? null;
    } catch (error) {
      // Not enough memory beside the model's, say: the default may still run.
      await this.#gpu.idle().catch(() => {});
      this.#options.onRefused?.(`${made.key}: its kernels were not timed: ${firstLine(error)}`);
      return null;
    }
  }
}
