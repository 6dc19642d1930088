import { csvFile, csvLine, guard } from '../../data/labels/csv.ts';
import { noneOfThese, noneOfTheseText } from '../../data/labels/none_of_these.ts';
import { type LabelOrigin, originCells, originColumns } from '../../data/labels/origin.ts';

/** What a person says of an image: a class's number, that it belongs to none, or that they cannot say. */
export type DeskAnswer = number | 'none' | 'skip';

/** An answer, and how the person came to its image. */
export interface OwnedAnswer {
  /** What the person says. */
  readonly answer: DeskAnswer;
  /** How the image came to be labelled. */
  readonly origin: LabelOrigin;
}

/** One answer and what it replaced, for undo. */
interface Change {
  readonly image: number;
  readonly before: OwnedAnswer | undefined;
}

/** Steps that can be taken back. */
const mostSteps = 1000;

/**
 * A person's answers about a set of images, in the order in which they were first given. A later answer about an image
 * corrects what it shows, not how it came to be labelled.
 */
export class Answers {
  readonly #of = new Map<number, OwnedAnswer>();
  readonly #steps: (readonly Change[])[] = [];

  /** Images with a label: a class, or none of these. */
  get count(): number {
    let labelled = 0;
    for (const { answer } of this.#of.values()) if (answer !== 'skip') labelled++;
    return labelled;
  }

  /** What is said of an image; undefined where nothing is. */
  of(image: number): OwnedAnswer | undefined {
    return this.#of.get(image);
  }

  /** Keeps one answer for some images, as one step for `undo`. */
  give(images: Iterable<number>, answer: DeskAnswer, origin: LabelOrigin): void {
    const changes: Change[] = [];
    for (const image of images) {
      const before = this.#of.get(image);
      changes.push({ image, before });
      this.#of.set(image, { answer, origin: before?.origin ?? origin });
    }
    if (changes.length === 0) return;
    this.#steps.push(changes);
    if (this.#steps.length > mostSteps) this.#steps.shift();
  }

  /** Keeps what was known before the person came; nothing of it can be taken back. */
  know(image: number, answer: DeskAnswer, origin: LabelOrigin): void {
    this.#of.set(image, { answer, origin });
  }

  /** Takes the last step back. @returns the images whose answers changed; none where there is none to take back */
  undo(): Int32Array {
    const changes = this.#steps.pop() ?? [];
    for (const { image, before } of [...changes].reverse()) {
      if (before) this.#of.set(image, before);
      else this.#of.delete(image);
    }
    return Int32Array.from(new Set(changes.map(({ image }) => image)));
  }

  /** By image: number of its class, −1 where there is none, `noneOfThese` where the person says so. */
  given(images: number): Int32Array {
    const given = new Int32Array(images).fill(-1);
    for (const [image, { answer }] of this.#of)
      given[image] = answer === 'none' ? noneOfThese : answer === 'skip' ? -1 : answer;
    return given;
  }

  /** Images that are not to be proposed: those with an answer, and those of which the person could not say. */
  settled(): ReadonlySet<number> {
    return new Set(this.#of.keys());
  }

  /**
   * The answers as a labels file. An image that was skipped has a row without a label: where it was drawn at random, what
   * reads the file knows that the sample lacks what is hard to name.
   */
  csv(paths: readonly string[], classes: readonly string[]): string {
    const of = this.#of;
    function* lines() {
      yield csvLine(['path', 'label', ...originColumns]);
      for (const [image, { answer, origin }] of of) {
        const label = answer === 'skip' ? '' : answer === 'none' ? noneOfTheseText : classes[answer]!;
        yield csvLine([guard(paths[image]!), guard(label), ...originCells(origin)]);
      }
    }
    return [...csvFile(lines)].join('');
  }
}
