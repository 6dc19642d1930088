/**
 * Strengths λ of a probe's penalty λ/2 ‖W‖². What a penalty does depends on how it compares with the loss' own
 * curvature, which is (K − 1)/K² for each class where all K are equally likely (Böhning 1992 bounds it by ½). One λ for
 * all would hold two classes back too little and a hundred too much: over draws of 1 to 50 labels a class the best
 * strengths were 3 for two classes, 1 for ten and at most 0.3 for thirty, where 1 costs 1 to 4 points of accuracy.
 */

/** λ over the loss' curvature where nothing else is known. */
const usualShare = 11;
/** Those tried, as multiples of the usual one. */
const multiples = [10, 3, 1, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4];

/** λ where nothing is to be validated on, and the one that others must be better than: 2.75 for two classes, 0.99 for ten. */
export function usualStrength(classes: number): number {
  return (usualShare * (classes - 1)) / classes ** 2;
}

/** The strengths to choose from, strongest first. */
export function usualStrengths(classes: number): number[] {
  return multiples.map((multiple) => multiple * usualStrength(classes));
}
