import { Random, shuffledIndices } from '../random.ts';

/** Shuffled passes over the numbers 0 … count − 1, one behind the other; a batch may reach from one into the next. */
export class EndlessOrder {
  readonly #count: number;
  readonly #seed: number;
  readonly #stream: number;
  #pass = 0;
  #order: Uint32Array = new Uint32Array();
  #next = 0;

  /**
   * @param stream where the passes' random streams begin
   * @throws RangeError where there are no numbers to draw from
   */
  constructor(count: number, seed: number, stream: number) {
    if (count === 0) throw new RangeError('there is no image to draw');
    this.#count = count;
    this.#seed = seed;
    this.#stream = stream;
  }

  /** The next `count` numbers; where there are fewer of all, some come again. */
  take(count: number): number[] {
    return Array.from({ length: count }, () => {
      if (this.#next === this.#order.length) {
        this.#order = shuffledIndices(this.#count, new Random(this.#seed, this.#stream + this.#pass++));
        this.#next = 0;
      }
      return this.#order[this.#next++]!;
    });
  }
}
