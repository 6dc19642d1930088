/** Lets what uses the same thing work one after the other, in the order of asking. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Works when all that asked for this name before have ended. */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const own = before ? before.then(work, work) : work();
    this.#last.set(name, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(name) === own) this.#last.delete(name);
    }
  }
}
