import { terminal } from '../platform/node_terminal.ts';

/** Seconds between plain lines where nobody watches. */
const quietSeconds = 15;

/** Shows how far long work is: one line drawn over itself for a person, a plain line now and then otherwise. */
export class ProgressLine {
  #last = performance.now();

  show(text: string): void {
    if (terminal.interactive) {
      terminal.live(text);
      return;
    }
    if (performance.now() - this.#last < 1000 * quietSeconds) return;
    this.#last = performance.now();
    terminal.note(text);
  }

  /** A line that stays. */
  keep(text: string): void {
    this.#last = performance.now();
    terminal.note(text);
  }
}
