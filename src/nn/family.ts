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
   * Whether tensors are of this family rather than of another: exactly one family says so.
   * @param tensors of an encoder, by torchvision's names
   */
  fits(tensors: StateDictShapes): boolean;
  /**
   * Whether the name of a tensor, without prefixes, is one that the architecture must account for; others (`fc`) are
   * not the encoder's.
   */
  owns(name: string): boolean;
  /** The architecture that options ask for. */
  describe(options: Options): Architecture;
  /**
   * The options of the encoder that tensors belong to: depth, width and stem, and of the others those that the tensors
   * show to differ from the default.
   * @param tensors without the prefixes of wrappers; `fits` is true of them
   */
  infer(tensors: StateDictShapes, refuse: Refuse): Options;
  /** Options that names and shapes do not tell: `infer` leaves them to their defaults. */
  readonly untold: readonly (keyof Options)[];
  /** Channels of the first stage where options do not say it. */
  readonly usualWidth: number;
  /** Options without a default. */
  readonly required: readonly (keyof Options)[];
  /** For each option, whether a value is one that it can have. */
  readonly accepts: { readonly [Name in keyof Options]-?: (value: unknown) => boolean };
  /** Why options that are fit one by one make no network together, to stand behind its title; undefined where they do. */
  readonly conflict?: (options: Options) => string | undefined;
  /** What pixels must be brought to for weights whose file does not say it. */
  usualNormalisation(options: Options): Normalisation;
}

/** A check for `Family.accepts`: one of these values. */
export const oneOf =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);

/** A check for `Family.accepts`: a number of channels, at most 65,536. */
export const isChannels = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_536;

/** A check for `Family.accepts`: what can be added to a variance. */
export const isEpsilon = (value: unknown): boolean => typeof value === 'number' && value > 0 && value < 1;
