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

/** An image whose answer was given or changed, and what was said of it before, for undo. */
export interface Change {
  /** Its number. */
  readonly image: number;
  /** Absent where nothing was. */
  readonly before?: OwnedAnswer | undefined;
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

  /** Keeps one answer for some images, as one step for `undo`. @returns the step */
  give(images: Iterable<number>, answer: DeskAnswer, origin: LabelOrigin): readonly Change[] {
    const changes: Change[] = [];
    for (const image of images) {
      const before = this.#of.get(image);
      changes.push({ image, before });
      this.#of.set(image, { answer, origin: before?.origin ?? origin });
    }
    this.remember(changes);
    return changes;
  }

  /** Takes a step for one that `undo` takes back: what it changed stands already. */
  remember(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.#steps.push(changes);
    if (this.#steps.length > mostSteps) this.#steps.shift();
  }

  /** The steps that `undo` can take back, the last one last. */
  get steps(): readonly (readonly Change[])[] {
    return this.#steps;
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
