import { anytimeBound, type DrawnUnit, keepsTarget } from '../../numerics/sampling/anytime_bound.ts';
import type { AuditThreshold } from '../audit_draw.ts';

/** An automatic label of an audit sample, as far as its check has come. */
export interface AuditedLabel {
  /** The automatic label's confidence, as the run gave it. */
  readonly confidence: number;
  /** The unit that it was drawn with; rows of one follow each other. */
  readonly group: number;
  /** Whether it counts as wrong: a person says so, or it was left out. */
  readonly wrong: boolean;
}

/** The chance that any promise by an audit of a run is ever false. */
const allowed = 0.05;
/** The first audit's part of it; further ones, after the labels have changed, share the rest: 1/2, 1/6, 1/12, … of it. */
const firstPart = 0.9;
/** The part of an audit's chance that goes to all automatic labels; the rest goes to raised thresholds. */
const wholePart = 0.9;

/**
 * The chance that an audit's promise may be false. Trying again until a sample passes would find a false promise sooner
 * or later, so what a run's audits are allowed sums to 5%, however many there are.
 * @param earlier audits of the run that came back before its labels changed
 */
export function auditChance(earlier: number): number {
  return allowed * (earlier === 0 ? firstPart : (1 - firstPart) / (earlier * (earlier + 1)));
}

/** Upper bound of the error among all automatic labels by the part of an audit that is done (see `anytimeBound`). */
export function auditBound(rows: readonly AuditedLabel[], population: number, chance: number): number {
  return anytimeBound(unitsAt(rows, -Infinity, 0), population, wholePart * chance);
}

/** The bound of a first audit of very many automatic labels with so many errors among so many checks. */
export function auditLimit(errors: number, checks: number): number {
  const rows = Array.from({ length: checks }, (_, row) => ({
    confidence: 1,
    group: row,
    wrong: row < errors,
  }));
  return auditBound(rows, 1e9, auditChance(0));
}

/**
 * The lowest threshold at which an audit keeps the target: that of all automatic labels where these keep it, else a
 * raised one; null where none is promised.
 *
 * The chance that the choice is ever false, at whatever time and however often it is made, is at most `chance`:
 * - That all labels are wrongly said to keep the target has at most the chance 0.9 · `chance` (`keepsTarget`, Ville).
 * - Raised thresholds are tested in a fixed order, from the strictest, which keeps half of the labels, downwards, and the
 *   first that fails ends it, each at 0.1 · `chance`. Let s be the strictest of them above which the error exceeds the
 *   target, if any. A false choice is s or lies below it, so s must have passed; and that s ever passes has at
 *   most the chance 0.1 · `chance`. So the order costs nothing for its many tests (fixed-sequence testing: Learn then
 *   Test, arXiv 2110.01052), and as s depends on the labels alone, and not on when one looks, nothing for many looks.
 * - The two sum up to `chance`.
 *
 * Above a threshold counts who belongs there: groups without such a label are passed over, and those that are
 * left come in proportion to their sizes as before. Where a group straddles the threshold, its labels below count as
 * wrong by the target itself, neither for nor against: the mean over the groups' rows exceeds the target exactly where
 * the error above the threshold does.
 * @param rows the part of the sample that is done, in the order in which it was drawn
 * @param thresholds as `drawAudit` gives them, the most lenient first
 */
export function auditThreshold(
  rows: readonly AuditedLabel[],
  thresholds: readonly AuditThreshold[],
  target: number,
  chance: number,
): number | null {
  const passes = ({ threshold, population }: AuditThreshold, part: number) =>
    keepsTarget(unitsAt(rows, threshold, target), population, target, part * chance);
  const [whole, ...raised] = thresholds;
  if (!whole) return null;
  if (passes(whole, wholePart)) return whole.threshold;
  let kept: number | null = null;
  for (const each of raised.reverse()) {
    if (!passes(each, 1 - wholePart)) break;
    kept = each.threshold;
  }
  return kept;
}

/** The drawn groups that hold a label of at least the threshold; labels below it count as so much wrong. */
function unitsAt(rows: readonly AuditedLabel[], threshold: number, below: number): DrawnUnit[] {
  const units: DrawnUnit[] = [];
  for (let start = 0, end = 0; start < rows.length; start = end) {
    const { group } = rows[start]!;
    let wrong = 0;
    let above = 0;
    for (end = start; end < rows.length && rows[end]!.group === group; end++) {
      const counts = rows[end]!.confidence >= threshold;
      wrong += counts ? Number(rows[end]!.wrong) : below;
      above += Number(counts);
    }
    if (above > 0) units.push({ size: end - start, wrong });
  }
  return units;
}
