import type { Speed } from '../label/pace.ts';
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

/** A stage with how far it is, and how fast where that is known. */
export function describeStage(stage: string, done?: number, total?: number, speed?: Speed): string {
  if (done === undefined || total === undefined) return stage;
  const place = `${stage}: ${done} of ${total}`;
  if (!speed) return place;
  return `${place}  ${speed.imagesPerSecond.toFixed(1)} images/s  ${Math.round(speed.secondsLeft)} s left`;
}
