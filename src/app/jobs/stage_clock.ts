/** What a part of a job took. */
export interface StageCost {
  /** What it worked for: a start, or a method of the comparison. */
  readonly name: string;
  /** By the clock. */
  readonly seconds: number;
}

/** The cost of training the encoder of a start here, by the start's name. */
export const trainingStage = (start: string): string => `training: ${start}`;

/** Times the stages of a job, which follow one another, by what they work for. */
export class StageClock {
  readonly #seconds = new Map<string, number>();
  #current: { readonly name: string; readonly since: number } | undefined;

  /**
   * A stage goes on or begins, and ends the one before.
   * @param stage `${name}: …`, or `features: ${name}` of a start
   */
  at(stage: string): void {
    const name = nameOf(stage);
    if (this.#current?.name === name) return;
    this.#end();
    this.#current = { name, since: performance.now() };
  }

  /** Ends the last stage. @returns what each took, in the order in which they began */
  finish(): StageCost[] {
    this.#end();
    this.#current = undefined;
    return Array.from(this.#seconds, ([name, seconds]) => ({ name, seconds }));
  }

  #end(): void {
    if (!this.#current) return;
    const { name, since } = this.#current;
    this.#seconds.set(name, (this.#seconds.get(name) ?? 0) + (performance.now() - since) / 1e3);
  }
}

/** A stage without the part that tells how far it is; the features of a start stand by themselves. */
function nameOf(stage: string): string {
  const at = stage.startsWith('features: ') ? -1 : stage.lastIndexOf(': ');
  return at < 0 ? stage : stage.slice(0, at);
}
