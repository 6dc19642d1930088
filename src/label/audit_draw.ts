import { PieceHashes, sha256OfHashes, toHex } from '../formats/digest.ts';
import { allRows } from '../numerics/linear_algebra.ts';
import { Random, shuffledIndices, streams } from '../random.ts';
import { fixed } from './files/labels_csv.ts';
import type { ImageLabel } from './image_label.ts';

/**
 * Whether a label is one of those that an audit speaks of: an automatic one, or one that the labels alone could not
 * promise (see `RiskCoverage.withheld`) and an audit may.
 * @param from least confidence of what waits for an audit; null where nothing does
 */
export function isAuditable({ status, confidence }: ImageLabel, from: number | null): boolean {
  return status === 'auto' || (status === 'review' && from !== null && confidence >= from - rounding);
}

/** labels.csv holds six decimals of a confidence. */
export const rounding = 5e-7;

/** An automatic label that was drawn for a person to check, as it was when it was drawn. */
export interface DrawnLabel {
  /** The image's path. */
  readonly path: string;
  /** The automatic label. */
  readonly label: string;
  /** Its confidence, with the decimals of labels.csv. */
  readonly confidence: number;
  /** The unit that it was drawn with, numbered in the order of the draw: images of one group are checked together. */
  readonly group: number;
}

/** A threshold that an audit may come to, and what is known of the automatic labels at it. */
export interface AuditThreshold {
  /** Least confidence that stays automatic. */
  readonly threshold: number;
  /** Automatic labels in the groups that hold one of at least that confidence. */
  readonly population: number;
}

/** A random sample of a run's automatic labels, in the order in which it was drawn, and what it was drawn from. */
export interface AuditDraw {
  /** SHA-256 of the automatic labels and their groups, in hex; the order follows from it. */
  readonly digest: string;
  /** Automatic labels that the sample was drawn from. */
  readonly population: number;
  /** The same by class, in the order of their first appearance. */
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** The thresholds that a returned audit may choose among, the most lenient first: that of all automatic labels. */
  readonly thresholds: readonly AuditThreshold[];
  /** The sample. */
  readonly rows: readonly DrawnLabel[];
}

/** Lines of the digest that are made at a time. */
const linesAtOnce = 1 << 14;

/** Shares of the automatic labels that a raised threshold may keep: fixed, so that none is picked by what an audit shows. */
const keptShares = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5];

/**
 * Draws automatic labels for a person to check, one after another without replacement, each as likely as any other that
 * is left; with groups each time a whole group, in proportion to its size. Any first part of it is a random sample too.
 *
 * The order follows from the automatic labels themselves: who labels again with another seed and comes to the same labels
 * is asked to check the same images, so that no sample can be picked.
 *
 * A stratified order (each stretch of it with every class) does not pay: where 2.5% of labels are wrong, 2 to 4% of the
 * variance lies between classes or bands of confidence, and 5% was promised as often and after as many rows (simulated:
 * in 45 and 43% or 53 and 55% of samples, after 161 and 162 or 165 and 160 rows). The proof that the bound holds at all
 * times rests on the plain random order.
 * @param size images to draw, about: the last group is drawn whole
 * @param groups number of the group that each label belongs to; by default each is its own
 * @param from least confidence of labels that are to become automatic by the audit, beside those that are
 */
export async function drawAudit(
  labels: readonly ImageLabel[],
  size: number,
  groups: ArrayLike<number> = allRows(labels.length),
  from: number | null = null,
): Promise<AuditDraw> {
  const automatic = allRows(labels.length).filter((row) => isAuditable(labels[row]!, from));
  const digest = await digestOf(labels, automatic, groups);
  // The order in which a random permutation first meets each group draws groups in proportion to their sizes.
  const order = shuffledIndices(
    automatic.length,
    new Random(Number.parseInt(digest.slice(0, 8), 16), streams.audit),
  );
  const units = unitsOf(order, (at) => groups[automatic[at]!]!);
  let drawn = 0;
  for (let images = 0; drawn < units.sizes.length && images < size; drawn++) images += units.sizes[drawn]!;
  const members: number[][] = Array.from({ length: drawn }, () => []);
  order.forEach((at, turn) => {
    members[units.of[turn]!]?.push(automatic[at]!);
  });
  const rows = members.flatMap((unit, group) =>
    unit.map((row): DrawnLabel => {
      const { path, label } = labels[row]!;
      return { path, label, confidence: confidenceOf(labels[row]!), group };
    }),
  );
  const counts = new Map<string, number>();
  for (const row of automatic) counts.set(labels[row]!.label, (counts.get(labels[row]!.label) ?? 0) + 1);
  return {
    digest,
    population: automatic.length,
    classes: Array.from(counts, ([name, count]) => ({ name, count })),
    thresholds: thresholdsOf(
      Float64Array.from(order, (at) => confidenceOf(labels[automatic[at]!]!)),
      units,
    ),
    rows,
  };
}

/** As labels.csv will hold it, so that a later return compares like with like. */
const confidenceOf = ({ confidence }: ImageLabel): number => Number(fixed(confidence));

/**
 * The SHA-256, in hex, of the automatic labels and their groups, each named by the place of its first label: of more than
 * 16 MB that of the hashes of its pieces, as no text is so long.
 */
async function digestOf(
  labels: readonly ImageLabel[],
  automatic: Int32Array,
  groups: ArrayLike<number>,
): Promise<string> {
  const units = unitsOf(automatic, (row) => groups[row]!);
  const firstOf = new Int32Array(units.sizes.length).fill(-1);
  const hashes = new PieceHashes();
  const encoder = new TextEncoder();
  for (let first = 0; first < automatic.length; first += linesAtOnce) {
    let text = '';
    for (let at = first; at < Math.min(automatic.length, first + linesAtOnce); at++) {
      const { path, label } = labels[automatic[at]!]!;
      const unit = units.of[at]!;
      if (firstOf[unit] === -1) firstOf[unit] = at;
      text += `${at > 0 ? '\n' : ''}${path}\n${label}\n${firstOf[unit]}`;
    }
    await hashes.add(encoder.encode(text));
  }
  const pieces = await hashes.finish();
  if (pieces.length === 1) return toHex(pieces[0]!);
  return toHex(await sha256OfHashes(pieces));
}

/** Groups numbered in the order in which they are met. */
interface Units {
  /** The number of the group that each turn meets. */
  readonly of: Int32Array;
  /** Turns of each group. */
  readonly sizes: Int32Array;
}

/** @param groupOf a whole number from 0 */
function unitsOf(turns: ArrayLike<number>, groupOf: (turn: number) => number): Units {
  let most = -1;
  for (let turn = 0; turn < turns.length; turn++) most = Math.max(most, groupOf(turns[turn]!));
  const numberOf = new Int32Array(most + 1).fill(-1);
  const of = new Int32Array(turns.length);
  const sizes = new Int32Array(turns.length);
  let count = 0;
  for (let turn = 0; turn < turns.length; turn++) {
    const group = groupOf(turns[turn]!);
    if (numberOf[group] === -1) numberOf[group] = count++;
    of[turn] = numberOf[group]!;
    sizes[of[turn]!]!++;
  }
  return { of, sizes: sizes.subarray(0, count) };
}

/** @param confidences of the label of each turn */
function thresholdsOf(confidences: Float64Array, { of, sizes }: Units): AuditThreshold[] {
  const sorted = confidences.toSorted().reverse();
  const surest = new Float64Array(sizes.length);
  of.forEach((unit, turn) => {
    surest[unit] = Math.max(surest[unit]!, confidences[turn]!);
  });
  const last = keptShares.map((share) => sorted[Math.ceil(share * sorted.length) - 1]);
  return [...new Set(last)].flatMap((threshold) => {
    if (threshold === undefined) return [];
    const population = sizes.reduce((sum, size, unit) => (surest[unit]! >= threshold ? sum + size : sum), 0);
    return [{ threshold, population }];
  });
}
