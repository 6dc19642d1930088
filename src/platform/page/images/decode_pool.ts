import { Turns } from '../turns.ts';
import { type Decoded, type Job, later, type Wanted } from './jobs.ts';

/** Workers at most: each holds an image of up to 150 MB, and the GPU's own work needs a processor, too. */
const mostWorkers = 4;

/** Milliseconds without work after which the workers, and the memory that they hold, are given up. */
const patience = 20_000;

type Answer = { readonly value: unknown } | { readonly reason: string };

/**
 * Decodes in workers of its own, as many as there are processors and no more than four. Each has one image at a time; large
 * ones wait for one another. Where no workers can be made, all is decoded in place, one after the other.
 */
export class DecodePool {
  readonly #idle: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];
  readonly #turns = new Turns();
  #starting: Promise<boolean> | undefined;
  #workers = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @throws Error with a short reason */
  async decode<Kind extends keyof Wanted>(job: Omit<Job<Kind>, 'mayBeLarge'>): Promise<Decoded[Kind]> {
    const found = await this.#run({ ...job, mayBeLarge: false });
    if (found !== later) return found;
    const whole = await this.#turns.take('large', () => this.#run({ ...job, mayBeLarge: true }));
    return whole as Decoded[Kind];
  }

  async #run<Kind extends keyof Wanted>(job: Job<Kind>): Promise<Decoded[Kind] | typeof later> {
    this.#starting ??= this.#start();
    if (!(await this.#starting)) {
      const { decode } = await import('./decode.ts');
      return this.#turns.take('in place', () => decode(job));
    }
    const worker = await this.#take();
    const answer = await answerOf(worker, job);
    this.#giveBack(worker);
    if ('reason' in answer) throw new Error(answer.reason);
    return answer.value as Decoded[Kind] | typeof later;
  }

  /** @returns whether there is a worker */
  async #start(): Promise<boolean> {
    const count = Math.max(1, Math.min(mostWorkers, navigator.hardwareConcurrency ?? 1));
    const made = await Promise.all(Array.from({ length: count }, startWorker));
    for (const worker of made) {
      if (!worker) continue;
      this.#workers++;
      this.#giveBack(worker);
    }
    return this.#workers > 0;
  }

  #take(): Promise<Worker> {
    clearTimeout(this.#timer);
    const idle = this.#idle.pop();
    if (idle) return Promise.resolve(idle);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(worker: Worker): void {
    const next = this.#waiting.shift();
    if (next) {
      next(worker);
      return;
    }
    this.#idle.push(worker);
    if (this.#idle.length < this.#workers) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), patience);
  }

  #end(): void {
    if (this.#idle.length < this.#workers) return;
    for (const worker of this.#idle.splice(0)) worker.terminate();
    this.#workers = 0;
    this.#starting = undefined;
  }
}

/** A worker that has loaded its code; undefined where the page may not have one. */
async function startWorker(): Promise<Worker | undefined> {
  try {
    // Its bundle lies beside this one, and ends as it does.
    const [ending] = /\.m?js$/.exec(new URL(import.meta.url).pathname) ?? ['.mjs'];
    const place = new URL(`./decode_worker${ending}`, import.meta.url);
    const worker = new Worker(place, { type: 'module', name: 'kindred images' });
    return await new Promise((resolve) => {
      worker.onmessage = () => resolve(worker);
      worker.onerror = (event) => {
        event.preventDefault();
        resolve(undefined);
      };
    });
  } catch {
    return undefined;
  }
}

function answerOf(worker: Worker, job: Job): Promise<Answer> {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
    worker.onerror = (event) => resolve({ reason: `cannot be decoded (${event.message})` });
    worker.postMessage(job);
  });
}
