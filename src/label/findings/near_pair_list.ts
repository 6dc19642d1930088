/** Rows of a table that grows. */
const firstRoom = 1 << 12;

/** Pairs of images that were looked at closely, each once, and their differences. */
export class NearPairList {
  #count = 0;
  #first = new Int32Array(firstRoom);
  #second = new Int32Array(firstRoom);
  #difference = new Float64Array(firstRoom);
  /** By a hash of the pair, where it stands, counted from 1; 0: nobody. At most half full. */
  #places = new Int32Array(2 * firstRoom);
  /** Pairs of each second image. */
  readonly #ofSecond: Uint8Array;
  readonly #most: number;

  /**
   * @param images N: their numbers lie below
   * @param most pairs of one second image, at most 255
   */
  constructor(images: number, most: number) {
    this.#ofSecond = new Uint8Array(images);
    this.#most = most;
  }

  /** How many pairs there are. */
  get length(): number {
    return this.#count;
  }

  /** The first images, the second ones and the differences, in the order in which they came. */
  get columns(): { first: Int32Array; second: Int32Array; difference: Float64Array } {
    const of = <T extends Int32Array | Float64Array>(column: T) => column.subarray(0, this.#count) as T;
    return { first: of(this.#first), second: of(this.#second), difference: of(this.#difference) };
  }

  /** Whether a pair has room: it is not there yet, and its second image has fewer than `most`. */
  takes(first: number, second: number): boolean {
    return this.#ofSecond[second]! < this.#most && this.#places[this.#placeOf(first, second)] === 0;
  }

  /** Adds a pair that has room. */
  add(first: number, second: number, difference: number): void {
    if (this.#count === this.#first.length) this.#grow();
    const at = this.#count++;
    this.#first[at] = first;
    this.#second[at] = second;
    this.#difference[at] = difference;
    this.#ofSecond[second]!++;
    this.#places[this.#placeOf(first, second)] = at + 1;
  }

  /** Where a pair stands among the places, or could. */
  #placeOf(first: number, second: number): number {
    const mask = this.#places.length - 1;
    let place = (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) >>> 0;
    place = (place ^ (place >>> 15)) & mask;
    for (;;) {
      const at = this.#places[place]! - 1;
      if (at < 0 || (this.#first[at] === first && this.#second[at] === second)) return place;
      place = (place + 1) & mask;
    }
  }

  #grow(): void {
    const room = 2 * this.#first.length;
    const larger = <T extends Int32Array | Float64Array>(column: T, empty: T): T => {
      empty.set(column);
      return empty;
    };
    this.#first = larger(this.#first, new Int32Array(room));
    this.#second = larger(this.#second, new Int32Array(room));
    this.#difference = larger(this.#difference, new Float64Array(room));
    this.#places = new Int32Array(2 * room);
    for (let at = 0; at < this.#count; at++)
      this.#places[this.#placeOf(this.#first[at]!, this.#second[at]!)] = at + 1;
  }
}
