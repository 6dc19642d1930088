import { named, RunError, sentence } from '../../errors.ts';
import type { Communicator, Mpi } from './library.ts';
import type { RankLine, RankLink, Traffic } from './rank_link.ts';
import { memory, Requests } from './requests.ts';

/** What a line works with. */
interface LineParts {
  readonly mpi: Mpi;
  readonly communicator: Communicator;
  readonly requests: Requests;
  readonly traffic: { exchanges: number; bytes: number };
  readonly patience: number;
}

/** Exchanges over one communicator: one is under way at a time, in the order of the calls. */
class MpiLine implements RankLine {
  readonly #parts: LineParts;
  #latest: Promise<unknown> = Promise.resolve();

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#parts.mpi.size;
  }

  gather(what: string, own: Uint8Array): Promise<Uint8Array> {
    const { mpi, communicator } = this.#parts;
    return this.#inTurn(async () => {
      const all = memory(mpi.size * own.length);
      const sent = (mpi.size - 1) * own.length;
      await this.#finish(what, sent, [own, all], (request) => mpi.gather(communicator, own, all, request));
      return all;
    });
  }

  exchange(what: string, parts: Uint8Array): Promise<Uint8Array> {
    const { mpi, communicator } = this.#parts;
    return this.#inTurn(async () => {
      const received = memory(parts.length);
      const sent = ((mpi.size - 1) * parts.length) / mpi.size;
      const start = (request: Uint8Array) => mpi.exchange(communicator, parts, received, request);
      await this.#finish(what, sent, [parts, received], start);
      return received;
    });
  }

  /** Waits for all ranks to come here. */
  barrier(): Promise<void> {
    const { mpi, communicator } = this.#parts;
    return this.#inTurn(() =>
      this.#finish('the end', 0, [], (request) => mpi.barrier(communicator, request)),
    );
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#latest.then(action);
    // Whoever asked hears of an error.
    this.#latest = turn.catch(() => {});
    return turn;
  }

  async #finish(
    what: string,
    sent: number,
    held: readonly Uint8Array[],
    start: (request: Uint8Array) => void,
  ): Promise<void> {
    const { mpi, requests, traffic, patience } = this.#parts;
    if (!(await requests.finish(held, start)))
      throw new RunError(
        sentence`rank ${mpi.rank} of ${mpi.size} has waited ${patience} seconds for the others (${what}): one of them hangs or is far slower; ${named('patience')} sets how long to wait`,
      );
    traffic.exchanges++;
    traffic.bytes += sent;
  }
}

/** The ranks of an MPI library. */
export class MpiLink implements RankLink {
  readonly beside: RankLine;
  readonly #mpi: Mpi;
  readonly #line: MpiLine;
  readonly #traffic = { exchanges: 0, bytes: 0, seconds: 0 };

  /** @param patience seconds that an exchange may take */
  constructor(mpi: Mpi, patience: number) {
    this.#mpi = mpi;
    const shared = { mpi, patience, requests: new Requests(mpi, patience), traffic: this.#traffic };
    this.#line = new MpiLine({ ...shared, communicator: mpi.world });
    this.beside = new MpiLine({ ...shared, communicator: mpi.another() });
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
    return this.waitFor(this.#line.gather(what, own));
  }

  exchange(what: string, parts: Uint8Array): Promise<Uint8Array> {
    return this.waitFor(this.#line.exchange(what, parts));
  }

  async waitFor<T>(pending: Promise<T>): Promise<T> {
    const begin = performance.now();
    const result = await pending;
    this.#traffic.seconds += (performance.now() - begin) / 1000;
    return result;
  }

  traffic(): Traffic {
    return { ...this.#traffic };
  }

  abort(code: number): never {
    this.#mpi.abort(code);
    process.exit(code);
  }

  async leave(): Promise<void> {
    await this.#line.barrier();
    this.#mpi.finalize();
  }
}
