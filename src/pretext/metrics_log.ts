import type { Files } from '../platform/platform.ts';

/** One line of `metrics.jsonl`: an event's name and its figures. */
export type MetricsEvent = { readonly event: string } & Readonly<Record<string, number | string | null>>;

/** Appends events to a run's `metrics.jsonl`. Figures that are not finite become null, as JSON has none. */
export class MetricsLog {
  readonly #files: Files;
  readonly #path: string;
  #lines: number;

  private constructor(files: Files, path: string, lines: number) {
    this.#files = files;
    this.#path = path;
    this.#lines = lines;
  }

  /**
   * Opens the log and keeps its first `lines`: what came behind the checkpoint that a run resumes from is redone. Of a
   * log that a crash or its reader shortened, what is left goes on.
   */
  static async open(files: Files, folder: string, lines: number): Promise<MetricsLog> {
    const path = files.join(folder, 'metrics.jsonl');
    let kept: string[] = [];
    if (lines > 0 && (await files.stat(path))) {
      // Behind the last line break lies nothing, or what a crash left of a line.
      const whole = new TextDecoder()
        .decode(await files.read(path))
        .split('\n')
        .slice(0, -1);
      kept = whole.slice(0, lines);
    }
    await files.writeAtomic(path, kept.map((line) => `${line}\n`).join(''));
    return new MetricsLog(files, path, kept.length);
  }

  /** Lines written so far, those kept from before included. */
  get lines(): number {
    return this.#lines;
  }

  /** Appends an event as a line of JSON. */
  async write(event: MetricsEvent): Promise<void> {
    this.#lines++;
    await this.#files.append(this.#path, `${JSON.stringify(event)}\n`);
  }
}
