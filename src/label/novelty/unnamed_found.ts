import type { MixtureShare } from '../../numerics/sampling/mixture_share.ts';
import type { ImageLabel } from '../image_label.ts';

/** An image and how unusual it is. */
export interface UnlikeImage extends ImageLabel {
  /** Its number in the source. */
  readonly image: number;
  /** The chance of a score as unusual for an image of a named class. */
  readonly chance: number;
}

/** Images that are unlike the labelled ones and like one another: perhaps a class that nobody named. */
export interface NewGroupFound {
  /** The most typical of them; of copies, and of groups that count as one observation, one. */
  readonly shown: readonly UnlikeImage[];
  /** Observations in the group. */
  readonly observations: number;
  /** Images in it. */
  readonly images: number;
  /** The class that most of them would be called, and how many observations would. */
  readonly predicted: { readonly name: string; readonly observations: number };
}

/** What speaks for classes that nobody named. */
export interface UnnamedFound {
  /** Images of no named class among those without a label; null where the labels are too few to tell. */
  readonly share: MixtureShare | null;
  /** The same among those that would be automatic; null where nothing would be, or the labels are too few to tell. */
  readonly automatic: MixtureShare | null;
  /** Whether they alone would make more of the automatic labels wrong than is allowed, so that nothing is promised. */
  readonly withheld: boolean;
  /** The images most unlike the labelled ones, the most unlike first. */
  readonly unlike: readonly UnlikeImage[];
  /** The largest first; `groupCount` covers all. */
  readonly groups: readonly NewGroupFound[];
  /** Groups found. */
  readonly groupCount: number;
}
