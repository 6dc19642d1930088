import type { Mpi } from './library.ts';

/** Milliseconds of sleep between two looks: the first and the longest. */
const [shortestPause, longestPause] = [0.02, 0.5];
const pauseGrowth = 1.25;
const never = new Int32Array(new SharedArrayBuffer(4));

interface Pending {
  readonly request: Uint8Array;
  /** What MPI reads and writes meanwhile, lest it be collected as garbage. */
  readonly held: readonly Uint8Array[];
  readonly deadline: number;
  readonly done: () => void;
  readonly late: () => void;
}

/**
 * Looks after what MPI was asked for, on the main thread, which sleeps in between: no thread waits inside MPI, so that the
 * event loop goes on, a time limit can end a wait, and the processor is left to a software adapter. One sleep each turn of
 * the loop, whatever is pending.
 */
export class Requests {
  readonly #mpi: Mpi;
  readonly #patience: number;
  readonly #pending = new Set<Pending>();
  #pause = shortestPause;

  /** @param patience seconds that a request may take */
  constructor(mpi: Mpi, patience: number) {
    this.#mpi = mpi;
    this.#patience = patience;
  }

  /** Begins something and waits for its end. @returns false where it took too long */
  finish(held: readonly Uint8Array[], start: (request: Uint8Array) => void): Promise<boolean> {
    const request = memory(8);
    start(request);
    this.#pause = shortestPause;
    return new Promise((resolve) => {
      const deadline = performance.now() + 1000 * this.#patience;
      const done = () => resolve(true);
      const late = () => resolve(false);
      this.#pending.add({ request, held, deadline, done, late });
      if (this.#pending.size === 1) this.#look();
    });
  }

  #look(): void {
    for (const each of this.#pending) {
      const isDone = this.#mpi.isDone(each.request);
      if (!isDone && performance.now() < each.deadline) continue;
      this.#pending.delete(each);
      this.#pause = shortestPause;
      if (isDone) each.done();
      else each.late();
    }
    if (this.#pending.size === 0) return;
    Atomics.wait(never, 0, 0, this.#pause);
    this.#pause = Math.min(this.#pause * pauseGrowth, longestPause);
    setImmediate(() => this.#look());
  }
}

/** Memory that stays where it is while MPI writes to it; small typed arrays of their own may be moved. */
export const memory = (length: number): Uint8Array => new Uint8Array(new ArrayBuffer(length));
