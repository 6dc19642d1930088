import { named, RunError, sentence } from '../../errors.ts';
import type { Mpi } from './library.ts';
import type { RankLink, Traffic } from './rank_link.ts';

/** Milliseconds of sleep between two looks: the first and the longest. */
const [shortestPause, longestPause] = [0.02, 1];
const pauseGrowth = 1.25;
const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * Exchanges that are begun and then looked after by the main thread, which sleeps in between: no thread waits inside MPI,
 * so that the event loop goes on, a time limit can end a wait, and the processor is left to a software adapter. One
 * exchange is under way at a time, in the order of the calls.
 */
export class MpiLink implements RankLink {
  readonly #mpi: Mpi;
  readonly #patience: number;
  /** What MPI reads and writes meanwhile, lest it be collected as garbage. */
  #held: readonly Uint8Array[] = [];
  readonly #traffic = { exchanges: 0, bytes: 0, seconds: 0 };
  #latest: Promise<unknown> = Promise.resolve();

  /** @param patience seconds that an exchange may take */
  constructor(mpi: Mpi, patience: number) {
    this.#mpi = mpi;
    this.#patience = patience;
  }

  get rank(): number {
    return this.#mpi.rank;
  }

  get size(): number {
    return this.#mpi.size;
  }

  get library(): string {
    return this.#mpi.name;
  }

  gather(what: string, own: Uint8Array): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      const all = bytes(this.size * own.length);
      this.#held = [own, all];
      this.#traffic.bytes += (this.size - 1) * own.length;
      await this.#finish(what, (request) => this.#mpi.gather(own, all, request));
      return all;
    });
  }

  exchange(what: string, parts: Uint8Array): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      const received = bytes(parts.length);
      this.#held = [parts, received];
      this.#traffic.bytes += ((this.size - 1) * parts.length) / this.size;
      await this.#finish(what, (request) => this.#mpi.exchange(parts, received, request));
      return received;
    });
  }

  traffic(): Traffic {
    return { ...this.#traffic };
  }

  abort(code: number): never {
    this.#mpi.abort(code);
    process.exit(code);
  }

  async leave(): Promise<void> {
    await this.#inTurn(() => this.#finish('the end', (request) => this.#mpi.barrier(request)));
    this.#mpi.finalize();
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#latest.then(action);
    // Whoever asked hears of an error.
    this.#latest = turn.catch(() => {});
    return turn;
  }

  async #finish(what: string, start: (request: Uint8Array) => void): Promise<void> {
    const request = bytes(8);
    this.#held = [...this.#held, request];
    const begin = performance.now();
    start(request);
    for (let pause = shortestPause; !this.#mpi.isDone(request); pause *= pauseGrowth) {
      if (performance.now() - begin > 1000 * this.#patience)
        throw new RunError(
          sentence`rank ${this.rank} of ${this.size} has waited ${this.#patience} seconds for the others (${what}): one of them hangs or is far slower; ${named('patience')} sets how long to wait`,
        );
      Atomics.wait(never, 0, 0, Math.min(pause, longestPause));
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#held = [];
    this.#traffic.exchanges++;
    this.#traffic.seconds += (performance.now() - begin) / 1000;
  }
}

/** Memory that stays where it is while MPI writes to it; small typed arrays of their own may be moved. */
const bytes = (length: number): Uint8Array => new Uint8Array(new ArrayBuffer(length));
