import { isAnswered } from '../../data/labels/none_of_these.ts';
import type { LabelOrigin } from '../../data/labels/origin.ts';
import { requireFinite } from '../../numerics/feature_rows.ts';
import { allRows } from '../../numerics/linear_algebra.ts';
import { inclusionProbabilities, systematicSample } from '../../numerics/sampling/systematic.ts';
import { chooseAscending, Random, shuffledIndices, streams } from '../../random.ts';
import {
  type ClusteredImages,
  doubtfulStrata,
  mostCentral,
  mostDoubtful,
  type Stratum,
  typicalStrata,
} from './proposal_strata.ts';

/** What is known of N images among which some are chosen to be labelled. */
export interface NextInputs extends ClusteredImages {
  /** Class given to each image, −1 where none was. */
  readonly given: Int32Array;
  /** Calibrated, N × classes; without them typical images are chosen. */
  readonly probabilities?: Float32Array | undefined;
  /** The very same image whose label each takes: its own number where it takes none. */
  readonly copyOf: Int32Array;
  /** The group that each counts as one observation with; absent where each stands alone. */
  readonly observations?: Int32Array | undefined;
  /** 1 where an image is unlike everything labelled. */
  readonly outlier: Uint8Array;
  /** Images wanted. */
  readonly budget: number;
  /** Share of them that is drawn at random from all images without a label, 0 … 1. */
  readonly randomShare: number;
  /** Draws the images; where it follows from the labels, trying other seeds finds no other random ones. */
  readonly drawSeed: number;
}

/** An image to label next. */
export interface NextImage extends LabelOrigin {
  /** Number of the image. */
  readonly image: number;
  /** Why it is chosen, in words. */
  readonly reason: string;
}

/** Where nobody says otherwise, so large a share of what to label next is drawn at random. */
export const defaultRandomShare = 0.5;

/** From so many labels a class on, doubtful images teach more than typical ones (arXiv 2202.02794, section 2). */
const manyLabels = 20;

/**
 * Which images to label next, those drawn at random and proposals in turn, so that any first part has about its share of both.
 *
 * Those at random are a sample of all images without a label: what is checked on them holds for the others. Proposals are
 * chosen for what they teach, most useful first. With few labels these are typical images of the largest groups
 * without a label (TypiClust: Hacohen et al. 2022, arXiv 2202.02794); later, images between two classes, spread over
 * what the most doubtful ones show. Within a group chance decides, so that each proposal has a known probability: one of
 * rank r is drawn in proportion to 1/r² (see `inclusionProbabilities`; the best of a large group with 61%).
 *
 * Never an image with a label, nor the very same image as one or as another one here. Of images that count as one
 * observation one, and none where one has a label, before others come in again: at random the first that a shuffle of all images
 * meets, else the most typical or the most doubtful one. Outliers can be drawn at random; proposals they are only
 * where there are not enough others.
 * @returns at most `budget` images
 * @throws UserError for features that are not finite
 */
export function nextImages(inputs: NextInputs): NextImage[] {
  const { given, copyOf, outlier, budget, randomShare, drawSeed } = inputs;
  requireFinite(inputs.features, inputs.columns);
  const open = allRows(given.length).filter((image) => !isAnswered(given[image]!) && copyOf[image] === image);
  const seen = new Set(inputs.observations?.filter((_, image) => isAnswered(given[image]!)));

  const shuffled = shuffledIndices(open.length, new Random(drawSeed, streams.proposals));
  const wantedAtRandom = Math.min(open.length, Math.round(randomShare * budget));
  const atRandom = firstOfGroups(
    Array.from(shuffled, (at) => open[at]!),
    inputs,
    seen,
  ).slice(0, wantedAtRandom);

  const taken = new Set(atRandom);
  for (const image of atRandom) if (inputs.observations) seen.add(inputs.observations[image]!);
  const left = open.filter((image) => !taken.has(image));
  const random = new Random(drawSeed, streams.proposals + 1);
  const proposed = propose(
    inputs,
    left.filter((image) => !outlier[image]),
    seen,
    Math.max(0, budget - atRandom.length),
    random,
  );
  const odd = left.filter((image) => outlier[image]);
  const wantedOdd = Math.min(odd.length, budget - atRandom.length - proposed.length);
  const oddOnes = Array.from(chooseAscending(odd.length, wantedOdd, random), (at) => ({
    image: odd[at]!,
    reason: 'unlike everything labelled',
    origin: 'proposed' as const,
    probability: wantedOdd / odd.length,
  }));
  return inTurn(
    atRandom.map((image) => ({ image, reason: 'drawn at random', origin: 'random' })),
    [...proposed, ...oddOnes],
  );
}

/** The first image of each group that is not seen yet, then the others. */
function firstOfGroups(
  order: readonly number[],
  { observations }: NextInputs,
  known: ReadonlySet<number>,
): readonly number[] {
  if (!observations) return order;
  const seen = new Set(known);
  const isFirst = order.map((image) => {
    const first = !seen.has(observations[image]!);
    seen.add(observations[image]!);
    return first;
  });
  return [...order.filter((_, at) => isFirst[at]), ...order.filter((_, at) => !isFirst[at])];
}

/** Proposals among the candidates: of each observation that is not seen yet one, before others come in. */
function propose(
  inputs: NextInputs,
  candidates: Int32Array,
  seen: ReadonlySet<number>,
  wanted: number,
  random: Random,
): NextImage[] {
  const { observations, given, classes, probabilities } = inputs;
  const labelled = allRows(given.length).filter((image) => given[image]! >= 0);
  const many = labelled.length >= manyLabels * classes.length && classes.length >= 2;
  const certain = many ? probabilities : undefined;
  const strata = (some: Int32Array, count: number) =>
    certain ? doubtfulStrata(inputs, certain, some, count) : typicalStrata(inputs, labelled, some, count);
  if (!observations) return drawFrom(strata(candidates, wanted), wanted, random);

  const unseen = candidates.filter((image) => !seen.has(observations[image]!));
  const first = certain
    ? mostDoubtful(unseen, certain, classes.length, observations)
    : mostCentral(inputs, unseen, observations);
  const chosen = drawFrom(strata(first, wanted), wanted, random);
  const missing = wanted - chosen.length;
  if (missing === 0) return chosen;
  const taken = new Set(first);
  const others = candidates.filter((image) => !taken.has(image));
  return [...chosen, ...drawFrom(strata(others, missing), missing, random)];
}

/**
 * In turn from the strata with the fewest labels, of these the weightiest, as many as are wanted; which candidates of a
 * stratum these are, chance decides.
 */
function drawFrom(strata: readonly Stratum[], wanted: number, random: Random): NextImage[] {
  const shares = strata.map((stratum) => ({ ...stratum, picked: 0 }));
  const turns: (typeof shares)[number][] = [];
  while (turns.length < wanted) {
    const left = shares.filter(({ size, picked }) => picked < size);
    if (left.length === 0) break;
    const next = left.reduce((best, other) => {
      const fewer = other.labels + other.picked - best.labels - best.picked;
      return fewer < 0 || (fewer === 0 && other.weight > best.weight) ? other : best;
    });
    next.picked++;
    turns.push(next);
  }
  const drawn = new Map<object, NextImage[]>();
  for (const share of new Set(turns)) {
    const ranked = share.ranked();
    const sizes = ranked.map((_, at) => (at + 1) ** -2);
    const chances = inclusionProbabilities(sizes, share.picked);
    const chosen = systematicSample(chances, random).map((at): NextImage => {
      const image = ranked[at]!;
      return { image, reason: share.reason(image), origin: 'proposed', probability: chances[at]! };
    });
    drawn.set(share, chosen);
  }
  return turns.map((share) => drawn.get(share)!.shift()!);
}

/** Both lists in their order, each spread evenly over the whole. */
function inTurn(first: readonly NextImage[], second: readonly NextImage[]): NextImage[] {
  const all = first.length + second.length;
  const before = (at: number) => Math.floor((at * first.length) / all);
  return Array.from({ length: all }, (_, at) =>
    before(at + 1) > before(at) ? first[before(at)]! : second[at - before(at)]!,
  );
}
