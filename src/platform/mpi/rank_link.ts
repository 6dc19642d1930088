/** What went among ranks so far. */
export interface Traffic {
  /** Exchanges of any kind. */
  readonly exchanges: number;
  /** Bytes that this rank sent to others. */
  readonly bytes: number;
  /** Seconds in which this rank did nothing but wait for exchanges, slower ranks among them. */
  readonly seconds: number;
}

/** A line to all other ranks. All of them call the same exchanges of a line in the same order; lines have no order. */
export interface RankLine {
  /** How many ranks there are. */
  readonly size: number;
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
}

/** Processes that MPI started together, each with a number. What goes over the link itself, everything else waits for. */
export interface RankLink extends RankLine {
  /** This process's number, from 0. */
  readonly rank: number;
  /** The MPI library: `Open MPI 4.1.4`. */
  readonly library: string;
  /** Another line, for what goes on beside other work. */
  readonly beside: RankLine;
  /** Waits for what goes on beside; the time counts as `traffic().seconds`. */
  waitFor<T>(pending: Promise<T>): Promise<T>;
  /** What went among ranks so far. */
  traffic(): Traffic;
  /** Ends all ranks at once, with an exit code. */
  abort(code: number): never;
  /** Waits for the others and takes leave; nothing can be exchanged afterwards. */
  leave(): Promise<void>;
}
