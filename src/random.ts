/**
 * A counter-based random generator: value k is a hash of (seed, stream, k), so any value can be drawn again
 * without its predecessors, and the state to save is one number. All arithmetic is on 32-bit integers
 * (`Math.imul`), so every platform draws the same values.
 *
 * The hash is PCG-RXS-M-XS-32 as in Jarzynski and Olano, 'Hash Functions for GPU Rendering', JCGT 9(3), 2020.
 */
export class Random {
  readonly #key: number;
  /** How many 32-bit words have been drawn; pass it to the constructor to go on from there. */
  counter: number;

  /**
   * @param seed any integer; its lowest 32 bits count
   * @param stream an independent sequence under the same seed, by its lowest 32 bits
   */
  constructor(seed: number, stream = 0, counter = 0) {
    this.#key = pcgHash((pcgHash(seed >>> 0) + stream) >>> 0);
    this.counter = counter;
  }

  /** A 32-bit unsigned integer. */
  word(): number {
    // Hashing the counter first keeps streams whose keys lie close from being shifted copies of one another.
    return pcgHash(pcgHash(this.counter++) ^ this.#key);
  }

  /** Uniform in [0, 1), a multiple of 2⁻³². */
  next(): number {
    return this.word() / 2 ** 32;
  }

  /** A uniform integer in [0, n), 0 < n ≤ 2³²; words beyond the last whole multiple of n are drawn again. */
  integer(n: number): number {
    const bound = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const word = this.word();
      if (word < bound) return word % n;
    }
  }

  /** Shuffles in place (Fisher–Yates) and returns the array. */
  shuffle<A extends MutableList>(array: A): A {
    const list: MutableList = array;
    for (let last = list.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const held = list[last];
      list[last] = list[other];
      list[other] = held;
    }
    return array;
  }
}

/** Where each use of a run's one seed begins its streams; a use may take 2²⁰ of them, say one a class. */
export const streams = {
  limit: 0,
  labels: 1 << 20,
  split: 2 << 20,
  weights: 3 << 20,
  epochs: 4 << 20,
  monitor: 5 << 20,
  demoTrain: 6 << 20,
  demoTest: 7 << 20,
  map: 8 << 20,
  duplicates: 9 << 20,
  clusters: 10 << 20,
  audit: 12 << 20,
  labelledBatches: 13 << 20,
  unlabelledBatches: 14 << 20,
  recipes: 15 << 20,
  series: 16 << 20,
  mixedGroups: 17 << 20,
  likeness: 18 << 20,
  proposals: 19 << 20,
  shares: 20 << 20,
  choice: 21 << 20,
  spread: 22 << 20,
  novelty: 23 << 20,
  newGroups: 24 << 20,
  scenes: 25 << 20,
  comparison: 26 << 20,
} as const;

interface MutableList {
  readonly length: number;
  [index: number]: unknown;
}

function pcgHash(input: number): number {
  const state = (Math.imul(input, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

/** `count` of the numbers 0…total−1 (all where there are fewer), ascending: the first of a seeded shuffle. */
export function chooseAscending(total: number, count: number, random: Random): Uint32Array {
  return shuffledIndices(total, random).subarray(0, Math.max(0, count)).sort();
}

/** The numbers 0…total−1, shuffled. */
export function shuffledIndices(total: number, random: Random): Uint32Array {
  return random.shuffle(Uint32Array.from({ length: total }, (_, index) => index));
}
