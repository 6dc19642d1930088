/** A partition of 0 … N − 1 that grows coarser (union–find, with path halving). */
export class DisjointSets {
  readonly #parent: Int32Array;

  /** @param count N, each alone at first */
  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, item) => item);
  }

  /** A member that stands for the set of an item: the same one for all of it. */
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
    this.#parent[first] = second;
    return first !== second;
  }
}
