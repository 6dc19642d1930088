import type { JobContext, Progress, Reporter } from '../../app/reporter.ts';
import { UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';
import type { StudioEvent } from './studio.ts';

/** The jobs of a studio, of which one runs at a time. */
export class Jobs {
  readonly #files: Files;
  readonly #versions: Readonly<Record<string, string>>;
  readonly #tell: (event: StudioEvent) => void;
  /** What stops the job that runs; undefined where none does. */
  #stop: AbortController | undefined;
  /** When it has ended, however it did. */
  #ended: Promise<void> = Promise.resolve();

  constructor(files: Files, versions: Readonly<Record<string, string>>, tell: (event: StudioEvent) => void) {
    this.#files = files;
    this.#versions = versions;
    this.#tell = tell;
  }

  /**
   * Does a job, which `stop` stops.
   * @param job is told what it works with, and the notes that were told so far
   * @throws UserError while another is on its way
   */
  async run<T>(job: (context: JobContext, notes: readonly string[]) => Promise<T>): Promise<T> {
    if (this.#stop)
      throw new UserError('something is on its way already: pause it first, or wait for its end');
    const stop = new AbortController();
    this.#stop = stop;
    const notes: string[] = [];
    const running = job(this.context(stop.signal, notes), notes)
      .catch((error) => {
        throw error === stop.signal.reason ? new UserError('stopped: nothing of it was kept') : error;
      })
      .finally(() => {
        this.#stop = undefined;
      });
    this.#ended = running.then(
      () => {},
      () => {},
    );
    return running;
  }

  /** Stops the job that runs, where its work is kept. @returns when it has ended */
  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#ended;
  }

  /** What a job works with. @param notes are added to */
  context(signal: AbortSignal = new AbortController().signal, notes: string[] = []): JobContext {
    const reporter: Reporter = {
      note: (text) => {
        notes.push(String(text));
        this.#tell({ kind: 'note', text: String(text) });
      },
      progress: throttled((progress) => this.#tell({ kind: 'progress', ...progress })),
      signal,
      stoppable: () => {},
    };
    return { files: this.#files, reporter, command: ['the page'], versions: this.#versions };
  }
}

/** Milliseconds between two words of the same stage. */
const progressPause = 100;

/** Tells the first progress of a stage, its end, and between them one now and then. */
function throttled(tell: (progress: Progress) => void): (progress: Progress) => void {
  let last = { stage: '', at: 0 };
  return (progress) => {
    const { stage, done, total } = progress;
    const now = performance.now();
    if (stage === last.stage && done !== total && now - last.at < progressPause) return;
    last = { stage, at: now };
    tell(progress);
  };
}
