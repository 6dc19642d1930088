import type { Gpu } from '../../gpu/device.ts';
import { keepChoices, recallChoices } from './choice_cache.ts';
import type { Choices, ChoiceTable, Wish } from './choices.ts';
import { firstLine, search } from './search.ts';

/** How an engine may look for the fastest kernels of its adapter, and whom it tells. */
export interface TuningOptions {
  /**
   * How long this engine may time kernels, in seconds. Default 20 on a graphics card; 0 on software adapters, where
   * each candidate compiles for up to a second and the shipped choices hold.
   */
  readonly seconds?: number | undefined;
  /**
   * The choices of a run that goes on: they go before all else, and no budget is spent on what that run left untimed.
   */
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
  /** What is known of this engine's kernels; a search adds to it. */
  readonly choices: Choices;
  readonly #gpu: Gpu;
  readonly #options: TuningOptions;
  readonly #seconds: number;
  readonly #refused = new Set<string>();
  #spent = 0;
  #before: Promise<unknown> = Promise.resolve();

  private constructor(gpu: Gpu, choices: Choices, options: TuningOptions, seconds: number) {
    this.#gpu = gpu;
    this.choices = choices;
    this.#options = options;
    this.#seconds = seconds;
  }

  /** Begins with all that is known of the adapter from earlier. Without options nothing more is timed. */
  static async create(gpu: Gpu, options: TuningOptions = { seconds: 0 }): Promise<Tuner> {
    const { capabilities } = gpu;
    const choices = await recallChoices(capabilities);
    if (options.fixed) choices.fix(options.fixed);
    // Whoever names a budget wants it spent also on what an earlier one left out.
    else if (options.seconds) choices.forgetUntimed();
    return new Tuner(gpu, choices, options, options.seconds ?? (capabilities.driver === 'gpu' ? 20 : 0));
  }

  /**
   * Grants the wishes of what was recorded so far, most work first. Those that the budget has no time for keep their
   * defaults, also in later processes: the same command shall give the same bytes.
   * @returns whether a choice was made, so that what was recorded may now be recorded better
   */
  tune(): Promise<boolean> {
    const { wishes } = this.choices;
    if (this.#seconds === 0 || wishes.length === 0) return Promise.resolve(false);
    // Two searches at once would time each other.
    const granted = this.#before.then(() => this.#grant(wishes));
    this.#before = granted.catch(() => {});
    return granted;
  }

  async #grant(wishes: readonly Wish[]): Promise<boolean> {
    const { choices } = this;
    const { capabilities } = this.#gpu;
    const start = performance.now();
    const isLate = () => this.#spent + (performance.now() - start) / 1000 > this.#seconds;
    const options = { isLate, refused: this.#refused, onRefused: this.#options.onRefused ?? (() => {}) };
    for (const [done, { key, problem }] of wishes.entries()) {
      if (choices.known(key) !== undefined) continue;
      this.#options.onProgress?.(done, wishes.length);
      choices.learn({ [key]: isLate() ? null : await this.#fastest(problem, options) });
    }
    this.#spent += (performance.now() - start) / 1000;
    const problem = await keepChoices({ capabilities, choices });
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
