import { DisjointSets } from '../../numerics/disjoint_sets.ts';
/** Which images were not observed independently of one another: frames of one burst, slides of one patient. */
export interface GivenGroups {
  /** Number of each image's group in `names`; −1 where none is known, and the image stands alone. */
  readonly groupOf: Int32Array;
  /** Names of the groups. */
  readonly names: readonly string[];
  /** Where they come from, in words: `folder`, `column patient of slides.csv`. */
  readonly from: string;
}

/** Groups by the name of each image's group. @param named undefined or empty where an image belongs to none */
export function groupsByName(named: readonly (string | undefined)[], from: string): GivenGroups {
  const numberOf = new Map<string, number>();
  const groupOf = Int32Array.from(named, (name) => {
    if (name === undefined || name === '') return -1;
    const number = numberOf.get(name) ?? numberOf.size;
    numberOf.set(name, number);
    return number;
  });
  return { groupOf, names: [...numberOf.keys()], from };
}

/**
 * Groups of images that count as one observation: copies of one another, or of one given group, or linked through others
 * by these.
 * @param copyOf the image that each repeats; its own number where it repeats none
 * @returns the least number of an image of each image's group
 */
export function observationGroups(copyOf: Int32Array, given?: Pick<GivenGroups, 'groupOf'>): Int32Array {
  const sets = new DisjointSets(copyOf.length);
  for (const [image, original] of copyOf.entries()) sets.unite(original, image);
  const firstOf = new Map<number, number>();
  given?.groupOf.forEach((group, image) => {
    if (group < 0) return;
    const first = firstOf.get(group);
    if (first === undefined) firstOf.set(group, image);
    else sets.unite(first, image);
  });
  return copyOf.map((_, image) => sets.find(image));
}
