/** Images that are copies of each other. */
export interface DuplicateGroup {
  /** `exact` where all are the very same, `near` where one of them only looks alike. */
  readonly kind: 'exact' | 'near';
  /** The first stands for them where one of them is proposed for labelling. */
  readonly paths: readonly string[];
  /** Their numbers in the source, the first ones. */
  readonly images: readonly number[];
  /** Whether some of them are no near copies of each other, only of others between them. */
  readonly chained: boolean;
}

/** Copies that were given different labels. */
export interface LabelConflict {
  /** `exact` where at least one of the labels is wrong; frames that are near copies may well differ. */
  readonly kind: 'exact' | 'near';
  /** Paths of the copies. */
  readonly paths: readonly string[];
  /** The label given to each. */
  readonly labels: readonly string[];
}

/** How much of the images groups of near copies make up. */
export interface NearGroups {
  /** How many groups there are. */
  readonly count: number;
  /** Images in them. */
  readonly images: number;
  /** Images of the largest. */
  readonly largest: number;
  /** Groups of which some images are no near copies of each other. */
  readonly chained: number;
}

/** Copies among the images. */
export interface CopiesFound {
  /** Groups of copies, the largest first; the counts beside cover all. */
  readonly duplicates: readonly DuplicateGroup[];
  /** Images that repeat another pixel by pixel. */
  readonly exactDuplicates: number;
  /** Images that nearly repeat another. */
  readonly nearDuplicates: number;
  /** Groups of near copies: each counts as one observation. */
  readonly nearGroups: NearGroups;
  /** Copies that were given different labels, those of the very same image first; `conflictCount` covers all. */
  readonly conflicts: readonly LabelConflict[];
  /** Groups of copies that were given different labels. */
  readonly conflictCount: { readonly exact: number; readonly near: number };
}
