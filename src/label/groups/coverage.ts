import { naturalOrder } from './natural_order.ts';

/**
 * Labels drawn at random from all images, frames of films among them, leave unlabelled frames beside labelled ones: folds
 * that part frames of a film at random then ask what will be asked. Where whole films are labelled and others are not, they
 * ask less. What tells the two apart is whether unlabelled images lie as near to labelled ones as these do to each other.
 */

/** Deviations, doubled for neighbours that share their fate, by which the shares must differ: one in two hundred. */
const clearly = 2.576 * Math.SQRT2;

/** Whether a share of some images is less than that of others by more than chance, and by more than one in twenty. */
function isLess(own: { share: number; count: number }, others: { share: number; count: number }): boolean {
  if (own.count === 0 || others.count === 0) return false;
  const all = own.count + others.count;
  const mean = (own.share * own.count + others.share * others.count) / all;
  const deviation = Math.sqrt(mean * (1 - mean) * (1 / own.count + 1 / others.count));
  return own.share < 0.95 * others.share && others.share - own.share > clearly * deviation;
}

const shareOf = (images: readonly number[], holds: (image: number) => boolean) => ({
  share: images.filter(holds).length / Math.max(1, images.length),
  count: images.length,
});

const parts = (images: readonly number[], given: Int32Array) => ({
  labelled: images.filter((image) => given[image]! >= 0),
  unlabelled: images.filter((image) => given[image]! < 0),
});

/**
 * Whether unlabelled images are of groups without a label more often than random labels would leave them.
 * @param groupOf group of each image; −1: it stands alone
 * @param given class of each image, −1 where none is known
 */
export function groupsLieApart(groupOf: Int32Array, given: Int32Array): boolean {
  const labels = new Map<number, number>();
  groupOf.forEach((group, image) => {
    if (given[image]! >= 0) labels.set(group, (labels.get(group) ?? 0) + 1);
  });
  const { labelled, unlabelled } = parts([...groupOf.keys()], given);
  const covered = (least: number) => (image: number) =>
    groupOf[image]! >= 0 && (labels.get(groupOf[image]!) ?? 0) >= least;
  return isLess(shareOf(unlabelled, covered(1)), shareOf(labelled, covered(2)));
}

/**
 * Whether unlabelled images lie further from labelled ones, in the order of names, than random labels would leave them.
 * @param images those of the paths that are labelled or are to be
 */
export function namesLieApart(paths: readonly string[], given: Int32Array, images: Int32Array): boolean {
  const order = naturalOrder(paths, images);
  const places = [...order.keys()].filter((place) => given[order[place]!]! >= 0);
  if (places.length < 2) return false;
  const gap = new Float64Array(given.length);
  let next = 0;
  order.forEach((image, place) => {
    while (next < places.length && places[next]! < place) next++;
    const own = places[next] === place ? 1 : 0;
    const behind = places[next + own];
    const before = places[next - 1];
    gap[image] = Math.min((behind ?? Infinity) - place, place - (before ?? -Infinity));
  });
  const { labelled, unlabelled } = parts([...order], given);
  const gaps = labelled.map((image) => gap[image]!).sort((a, b) => a - b);
  // Nine in ten of the labelled ones have another label so near.
  const near = gaps[Math.ceil(0.9 * gaps.length) - 1]!;
  const isNear = (image: number) => gap[image]! <= near;
  return isLess(shareOf(unlabelled, isNear), shareOf(labelled, isNear));
}
