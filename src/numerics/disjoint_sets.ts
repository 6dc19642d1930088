/** A partition of 0 … N − 1 that grows coarser (union–find, with path halving). */
export class DisjointSets {
  readonly #parent: Int32Array;

  /** @param count N, each alone at first */
  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, item) => item);
  }

  /** The least member of an item's set. */
  find(item: number): number {
    const parent = this.#parent;
    while (parent[item] !== item) {
      parent[item] = parent[parent[item]!]!;
      item = parent[item]!;
    }
    return item;
  }

  /** Makes the sets of two items one. @returns whether they were two */
  unite(a: number, b: number): boolean {
    const [first, second] = [this.find(a), this.find(b)];
    this.#parent[Math.max(first, second)] = Math.min(first, second);
    return first !== second;
  }
}
