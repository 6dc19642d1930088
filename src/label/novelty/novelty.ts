import {
  type CalibrationScores,
  conformalPValues,
  falseDiscoveryLimit,
} from '../../numerics/sampling/conformal.ts';
import { type MixtureShare, mixtureShare } from '../../numerics/sampling/mixture_share.ts';
import { type NoveltyRows, noveltyScores } from './scores.ts';

/** What labelled images say of how unusual the others are. */
export interface Novelty {
  /** How unlike the labelled images each row is (see `noveltyScores`). */
  readonly scores: Float64Array;
  /** Chance of a score as large for an image of a named class; 1 for rows that are not open. */
  readonly pValues: Float64Array;
  /** 1 for rows more unlike the labelled ones than 19 of 20 images of a named class are, labelled ones among them. */
  readonly unusual: Uint8Array;
  /** 1 for open rows of which on average at most a tenth are of a named class. */
  readonly novel: Uint8Array;
  /** Images of no named class among the open ones; null where labels are too few to tell. */
  readonly share: MixtureShare | null;
}

/** What is asked of N images. */
export interface NoveltyInputs extends NoveltyRows {
  /** Rows whose label is open. */
  readonly open: Int32Array;
}

/** Below so many labelled groups no score is unusual enough to be noticed. */
const leastLabelled = 9;
/**
 * Scores that one in ten images of a named class exceeds: with limits of 5% the estimate of the share varies less and is
 * further below the truth, with 20 and 30% it varies more.
 */
const shareLimit = 0.1;
/** What so few images of named classes reach is unusual. */
export const unusualChance = 0.05;
/** Most false ones, on average, among images that are called novel. */
const discoveryRate = 0.1;

/**
 * Which images are unlike the labelled ones, by conformal p-values of their scores against those of the labelled images,
 * and how many images of no named class there are. @returns null where too few images are labelled
 * @throws UserError for features that are not finite
 */
export function findNovelty(inputs: NoveltyInputs): Novelty | null {
  const { given, groups, open } = inputs;
  const labelled = Int32Array.from(given.keys()).filter((row) => given[row]! >= 0);
  if (new Set(labelled.map((row) => groups[row]!)).size < leastLabelled || open.length === 0) return null;
  const scores = noveltyScores(inputs);
  const known = chosen(scores, groups, labelled);
  const found = conformalPValues(known, rowsOf(scores, open));
  const limit = falseDiscoveryLimit(found, discoveryRate);
  const pValues = new Float64Array(given.length).fill(1);
  const novel = new Uint8Array(given.length);
  const unusual = new Uint8Array(given.length);
  conformalPValues(known, known.scores).forEach((p, at) => {
    unusual[labelled[at]!] = p <= unusualChance ? 1 : 0;
  });
  open.forEach((row, at) => {
    pValues[row] = found[at]!;
    unusual[row] = found[at]! <= unusualChance ? 1 : 0;
    novel[row] = found[at]! <= limit ? 1 : 0;
  });
  return { scores, pValues, unusual, novel, share: unnamedShare(scores, groups, labelled, open) };
}

/**
 * The share of images of no named class among some open rows, by how many of their scores exceed what a tenth of such
 * labelled rows exceed. Images of a group with a labelled one are of its class, and say nothing; other groups count once.
 * @param labelled labelled rows that were chosen as the open ones were: by nothing but their confidence
 * @returns null where labels are too few to tell
 */
export function unnamedShare(
  scores: Float64Array,
  groups: Int32Array,
  labelled: Int32Array,
  open: Int32Array,
): MixtureShare | null {
  const known = chosen(scores, groups, labelled);
  const own = new Set(known.groups as Int32Array);
  const others = open.filter((row) => !own.has(groups[row]!));
  if (own.size < leastLabelled || others.length === 0) return null;
  const beyond = (rows: CalibrationScores) => {
    const pValues = conformalPValues(known, rows.scores);
    return groupsBeyond(rows.groups as Int32Array, (row) => pValues[row]! <= shareLimit);
  };
  const of = beyond(chosen(scores, groups, others));
  const ofKnown = beyond(known);
  return mixtureShare({
    known: ofKnown.groups,
    knownBeyond: ofKnown.beyond,
    mixed: of.groups,
    mixedBeyond: of.beyond,
  });
}

const rowsOf = (scores: Float64Array, rows: Int32Array) => Float64Array.from(rows, (row) => scores[row]!);

const chosen = (scores: Float64Array, groups: Int32Array, rows: Int32Array): CalibrationScores => ({
  scores: rowsOf(scores, rows),
  groups: rows.map((row) => groups[row]!),
});

/** How many groups there are, and the sum of their shares beyond a limit. */
function groupsBeyond(groups: Int32Array, isBeyond: (row: number) => boolean) {
  const counts = new Map<number, { rows: number; beyond: number }>();
  groups.forEach((group, row) => {
    const count = counts.get(group) ?? { rows: 0, beyond: 0 };
    counts.set(group, count);
    count.rows++;
    if (isBeyond(row)) count.beyond++;
  });
  let sum = 0;
  for (const { rows, beyond } of counts.values()) sum += beyond / rows;
  return { groups: counts.size, beyond: sum };
}
