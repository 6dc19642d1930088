/** What went among ranks so far. */
export interface Traffic {
  /** Exchanges of any kind. */
  readonly exchanges: number;
  /** Bytes that this rank sent to others. */
  readonly bytes: number;
  /** Seconds that it spent in them, waiting for slower ranks among them. */
  readonly seconds: number;
}

/** Processes that MPI started together, each with a number. All of them call the same exchanges in the same order. */
export interface RankLink {
  /** This process's number, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** The MPI library: `Open MPI 4.1.4`. */
  readonly library: string;
  /**
   * Every rank's bytes, one rank's behind the other's.
   * @param what is gathered, for whoever waits for the others in vain
   * @param own as many bytes on every rank
   * @throws RunError where the others do not come in time
   */
  gather(what: string, own: Uint8Array): Promise<Uint8Array>;
  /**
   * Sends an equal part to each rank, and gets as much from each.
   * @param parts one for each rank, one behind the other
   * @throws RunError where the others do not come in time
   */
  exchange(what: string, parts: Uint8Array): Promise<Uint8Array>;
  /** What went among ranks so far. */
  traffic(): Traffic;
  /** Ends all ranks at once, with an exit code. */
  abort(code: number): never;
  /** Waits for the others and takes leave; nothing can be exchanged afterwards. */
  leave(): Promise<void>;
}
