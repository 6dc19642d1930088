import type { Normalisation } from '../ops/augment.ts';
import type { Architecture } from './architecture.ts';

/** Says why weights cannot be read: the rest of a sentence that begins with the file's name. Throws. */
export type Refuse = (reason: string) => never;

/** The tensors of a state dict in PyTorch's layout, by name. */
export type StateDictShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** A family of encoders: from options to an architecture, and from the tensors of a file back to the options. */
export interface Family<Options> {
  /** Which weights can be read, to end the sentence `give …`. */
  readonly weights: string;
  /**
   * A tensor that all encoders of the family have and by which their files are known; wrappers may put prefixes before
   * it.
   */
  readonly landmark: string;
  /**
   * Whether the name of a tensor, without prefixes, is one that the architecture must account for; others (`fc`) are
   * not the encoder's.
   */
  owns(name: string): boolean;
  /** The architecture that options ask for. */
  describe(options: Options): Architecture;
  /**
   * The options of the encoder that tensors belong to, none left to its default.
   * @param tensors without the prefixes of wrappers; among them `landmark`
   */
  infer(tensors: StateDictShapes, refuse: Refuse): Options;
  /** What pixels must be brought to for weights whose file does not say it. */
  usualNormalisation(options: Options): Normalisation;
}
