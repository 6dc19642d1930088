import * as v from 'valibot';
import type { Files } from '../../platform/platform.ts';

const score = v.object({
  event: v.literal('score'),
  /** Of the encoder, or `scratch`, `random` or `start`. */
  method: v.string(),
  /** What was made of it. */
  how: v.string(),
  /** Labels a class; null: all. */
  perClass: v.nullable(v.number()),
  draw: v.number(),
  /** For each held-out image 1 where it was told right, else 0. */
  right: v.pipe(v.string(), v.regex(/^[01]+$/)),
});
const stopped = v.object({ event: v.literal('stopped'), method: v.string(), reason: v.string() });
const entry = v.pipe(v.string(), v.parseJson(), v.variant('event', [score, stopped]));

/** A draw that was scored: which, and what of the held-out images it told right. */
export type Score = Omit<v.InferOutput<typeof score>, 'event' | 'right'> & { readonly right: Uint8Array };

/** What tells one score from all others. */
export type ScoreKey = Omit<Score, 'right'>;

const keyOf = ({ method, how, perClass, draw }: ScoreKey) => JSON.stringify([method, how, perClass, draw]);

/** The draws that are done, a line each in scores.jsonl: what a stopped comparison has done it does not do again. */
export class ScoreLog {
  readonly #files: Files;
  readonly #path: string;
  readonly #scores = new Map<string, Score>();
  readonly #stopped = new Map<string, string>();

  private constructor(files: Files, path: string) {
    this.#files = files;
    this.#path = path;
  }

  /** Opens the log of a folder. What a crash left of a line is dropped, and that draw done again. @param heldOut images that score */
  static async open(files: Files, folder: string, heldOut: number): Promise<ScoreLog> {
    const log = new ScoreLog(files, files.join(folder, 'scores.jsonl'));
    const there = (await files.stat(log.#path)) !== undefined;
    const lines = there ? new TextDecoder().decode(await files.read(log.#path)).split('\n') : [];
    const kept = lines.filter((line) => {
      const parsed = v.safeParse(entry, line);
      if (!parsed.success) return false;
      const { output } = parsed;
      if (output.event === 'stopped') log.#stopped.set(output.method, output.reason);
      else if (output.right.length !== heldOut) return false;
      else log.#keep({ ...output, right: Uint8Array.from(output.right, Number) });
      return true;
    });
    await files.writeAtomic(log.#path, kept.map((line) => `${line}\n`).join(''));
    return log;
  }

  /** Whether a draw is done. */
  has(key: ScoreKey): boolean {
    return this.#scores.has(keyOf(key));
  }

  /** Scores of the draws of a point, in their order. */
  drawsOf(key: Omit<ScoreKey, 'draw'>): Uint8Array[] {
    const own = [...this.#scores.values()].filter(
      ({ method, how, perClass }) => method === key.method && how === key.how && perClass === key.perClass,
    );
    return own.sort((a, b) => a.draw - b.draw).map(({ right }) => right);
  }

  /** Why a method was given up; undefined where it was not. */
  reasonOf(method: string): string | undefined {
    return this.#stopped.get(method);
  }

  /** Adds a draw that was scored. */
  async add({ right, ...key }: Score): Promise<void> {
    await this.#write({ event: 'score', ...key, right: right.join('') });
    this.#keep({ ...key, right });
  }

  /** Says that a method was given up. */
  async stop(method: string, reason: string): Promise<void> {
    await this.#write({ event: 'stopped', method, reason });
    this.#stopped.set(method, reason);
  }

  #keep({ method, how, perClass, draw, right }: Score): void {
    const key = { method, how, perClass, draw };
    this.#scores.set(keyOf(key), { ...key, right });
  }

  async #write(line: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#files.append(this.#path, `${JSON.stringify(line)}\n`);
  }
}
