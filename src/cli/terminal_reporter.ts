import { platform } from '#platform';
import type { JobContext, Progress, Reporter } from '../app/reporter.ts';
import type { Sentence } from '../errors.ts';
import { terminal } from '../platform/node_terminal.ts';
import { withFlags } from './settings_flags.ts';

/** Seconds between plain lines where nobody watches. */
const quietSeconds = 15;

/**
 * Tells a job's notes and progress on the terminal: one line drawn over itself for a person, a plain line now and then
 * otherwise. Ctrl-C aborts the job once it can be stopped, and ends the process before.
 */
class TerminalReporter implements Reporter {
  readonly #controller = new AbortController();
  /** Whether it tells what it hears: of processes that were started together only the first one does. */
  readonly #tells = terminal.rank === 0;
  #last = performance.now();
  #isStoppable = false;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  note(text: string | Sentence): void {
    this.#last = performance.now();
    if (this.#tells) terminal.note(withFlags(text));
  }

  progress(progress: Progress): void {
    if (!this.#tells) return;
    if (terminal.interactive) {
      terminal.live(describeProgress(progress));
      return;
    }
    if (performance.now() - this.#last < 1000 * quietSeconds) return;
    this.#last = performance.now();
    terminal.note(describeProgress(progress));
  }

  readonly confirm =
    terminal.answers && terminal.ranks === 1
      ? (question: string | Sentence) => terminal.confirm(withFlags(question))
      : undefined;

  stoppable(consequence: string): void {
    if (this.#isStoppable) return;
    this.#isStoppable = true;
    terminal.onInterruption(() => {
      this.note(`stopping: ${consequence} (Ctrl-C again to stop at once)`);
      this.#controller.abort();
    });
  }
}

/** A stage with how far it is, its figures, and how fast it goes where that is known. */
function describeProgress({ stage, done, total, figures, imagesPerSecond, secondsLeft }: Progress): string {
  const parts = [done === undefined ? stage : `${stage}: ${done} of ${total}`, ...(figures ?? [])];
  if (imagesPerSecond !== undefined) parts.push(`${imagesPerSecond.toFixed(1)} images/s`);
  if (secondsLeft !== undefined) parts.push(`${Math.round(secondsLeft)} s left`);
  return parts.join('  ');
}

/** What a job that a command starts works with. */
export function commandContext(): JobContext {
  terminal.onInterruption();
  return {
    files: platform.files,
    reporter: new TerminalReporter(),
    command: terminal.arguments.slice(2),
    versions: { ...terminal.versions() },
  };
}
