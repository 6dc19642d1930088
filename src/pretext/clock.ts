/** Images a second since the epoch began. */
export class Clock {
  readonly #batch: number;
  #start = performance.now();
  #steps = 0;

  /** @param batch images of a step */
  constructor(batch: number) {
    this.#batch = batch;
  }

  /** Counts a step. */
  count(): void {
    this.#steps++;
  }

  /** Begins another epoch. */
  restart(): void {
    this.#start = performance.now();
    this.#steps = 0;
  }

  /** Images of the steps since the epoch began, a second; to two places. */
  get imagesPerSecond(): number {
    return Number(((1000 * this.#steps * this.#batch) / (performance.now() - this.#start)).toFixed(2));
  }
}
