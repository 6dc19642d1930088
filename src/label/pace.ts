/** How fast work goes on at present. */
export interface Speed {
  /** Images done in a second, on average. */
  readonly imagesPerSecond: number;
  /** Seconds until all images are done, at this pace. */
  readonly secondsLeft: number;
}

/** Seconds over which the speed is taken: long enough to be steady, short enough to follow a machine's other work. */
const windowSeconds = 10;

/** Measures the speed of a long pass over its last seconds. */
export class Pace {
  readonly #total: number;
  readonly #marks: { seconds: number; done: number }[];

  /** @param seconds the time now, from any start */
  constructor(total: number, seconds = now()) {
    this.#total = total;
    this.#marks = [{ seconds, done: 0 }];
  }

  /** The speed when `done` images of all are done. */
  at(done: number, seconds = now()): Speed {
    const marks = this.#marks;
    marks.push({ seconds, done });
    // One mark beyond the window stays, so that slow work is measured too.
    while (marks.length > 2 && marks[1]!.seconds <= seconds - windowSeconds) marks.shift();
    const first = marks[0]!;
    const elapsed = seconds - first.seconds;
    const imagesPerSecond = elapsed > 0 ? (done - first.done) / elapsed : 0;
    const left = this.#total - done;
    return { imagesPerSecond, secondsLeft: left > 0 ? left / imagesPerSecond : 0 };
  }
}

const now = () => performance.now() / 1000;
