import { inverseRowNorms, pickRows } from '../feature_rows.ts';
import { deviationsAhead } from '../mcnemar.ts';
import { type Fold, stratifiedFolds } from '../stratified_folds.ts';
import { type FeatureScaling, isUnitLength, withoutLength } from './feature_scaling.ts';
import { type Trial, tryStrengths, type ValidationRows } from './validation.ts';

/** Labelled rows among which a probe's settings are chosen. */
export interface ChoiceRows extends Omit<ValidationRows, 'folds'> {
  /** The group of copies that each row belongs to: the rows of a group are held out together. */
  readonly groups?: Int32Array | undefined;
}

/** What is to be chosen among. */
export interface Choices {
  /** The first stays unless another is told apart from it as better. */
  readonly scalings: readonly FeatureScaling[];
  /** Strongest first. */
  readonly strengths: readonly number[];
  /** The strength that others must be better than: `usualStrength`. */
  readonly usual: number;
  /** Cross-validation folds; fewer where the smallest class of at least two rows (or groups) is smaller. */
  readonly folds: number;
  /** Draws the folds. */
  readonly seed: number;
}

/** From here on one held-out fold of about a thousand rows ranks the strengths as well as all folds do. */
const singleFoldRows = 5000;
/** Scalings are compared on at most about so many rows: they differ by more than these leave open, or hardly. */
const scalingRows = 500;
/**
 * By so many standard deviations of chance another scaling must be right more often than the first (McNemar 1947), one in
 * twenty where they are equally good. The best of four by a few rows is luck: with 20 to 100 labels of photos it cost
 * up to 2.3 points of accuracy and flattered the cross-validated figure by up to 7, where this rule cost at most 0.4 and
 * flattered by 2.
 */
const clearly = 1.645;

/** What was chosen, and from what. */
export interface Choice {
  /** The best trial of the scaling that was chosen. */
  readonly chosen: Trial;
  /** All its trials, strongest first. */
  readonly strengths: readonly Trial[];
  /** The best trial of each scaling that was compared, on the rows on which scalings are compared. */
  readonly scalings: readonly Trial[];
}

/**
 * Chooses how a probe is fitted, by stratified cross-validation: the strength with the best accuracy, where one far from
 * the usual one must be better by more than chance (the one-standard-error rule: Breiman et al. 1984); and the scaling, which is the
 * first of those offered unless another is clearly better. Both rules hold back the luck of the best of many,
 * so that the accuracy found here is hardly flattered.
 * @returns null where there is nothing to validate on, or nothing to choose
 */
export function chooseTrial(rows: ChoiceRows, choices: Choices): Choice | null {
  const { strengths, usual } = choices;
  const scalings = told(rows, choices.scalings);
  const folds = scalings.length * strengths.length > 1 ? foldsOf(rows, choices) : [];
  if (folds.length === 0) return null;
  const [first, ...rest] = scalings as [FeatureScaling, ...FeatureScaling[]];
  const tried = tryStrengths({ ...rows, folds }, first, strengths);
  const alone = { chosen: bestOf(tried, usual), strengths: tried, scalings: [bestOf(tried, usual)] };
  if (rest.length === 0 || !canBeBeaten(alone.chosen, folds)) return alone;

  const few = someRows(rows, choices.seed);
  const compared = few === rows ? { ...rows, folds } : { ...few, folds: foldsOf(few, choices) };
  if (compared.folds.length === 0) return alone;
  const best = (scaling: FeatureScaling) => bestOf(tryStrengths(compared, scaling, strengths), usual);
  const own = few === rows ? alone.chosen : best(first);
  const rivals = rest.map(best);
  const lead = (rival: Trial) => deviationsAhead(rival.right, own.right);
  const winner = rivals.reduce((a, b) => (lead(b) > lead(a) ? b : a));
  const all = [own, ...rivals];
  if (lead(winner) <= clearly) return { ...alone, scalings: all };
  const again = tryStrengths({ ...rows, folds }, winner.scaling, strengths);
  return { chosen: bestOf(again, usual), strengths: again, scalings: all };
}

/** Folds that leave at least two classes to learn; none where no class has two rows, or groups, to part. */
function foldsOf({ labels, groups }: ChoiceRows, { folds, seed }: Choices): Fold[] {
  const count = Math.min(folds, smallestSharedClass(labels, groups));
  if (count < 2) return [];
  return stratifiedFolds(labels, count, seed, groups)
    .slice(0, labels.length >= singleFoldRows ? 1 : count)
    .filter(({ train }) => new Set(train.map((row) => labels[row]!)).size >= 2);
}

/** The count of the smallest class of at least two rows, or groups of rows; 0 where there is none. */
function smallestSharedClass(labels: Int32Array, groups?: Int32Array): number {
  const members = new Map<number, Set<number>>();
  labels.forEach((label, row) => {
    members.set(label, (members.get(label) ?? new Set()).add(groups ? groups[row]! : row));
  });
  const counts = [...members.values()].map(({ size }) => size).filter((size) => size >= 2);
  return counts.length > 0 ? Math.min(...counts) : 0;
}

/** An even choice of rows, group by group and class by class, where there are more than scalings are compared on. */
function someRows(rows: ChoiceRows, seed: number): ChoiceRows {
  const { labels, groups } = rows;
  const parts = Math.ceil(labels.length / scalingRows);
  if (parts < 2 || new Set(groups ?? labels.keys()).size < parts) return rows;
  const chosen = stratifiedFolds(labels, parts, seed, groups)[0]!.heldOut;
  return chooseRows(rows, chosen);
}

/** Some of the rows, with what belongs to them. */
export function chooseRows(all: ChoiceRows, rows: Int32Array): ChoiceRows {
  const { features, columns, labels, groups } = all;
  return {
    ...all,
    features: pickRows(features, columns, rows),
    labels: rows.map((row) => labels[row]!),
    groups: groups && rows.map((row) => groups[row]!),
  };
}

/** The scalings that differ: rows of one length are as they are when brought to it. */
function told(rows: ChoiceRows, scalings: readonly FeatureScaling[]): readonly FeatureScaling[] {
  if (!scalings.some(isUnitLength) || lengthsVary(rows)) return scalings;
  return [...new Set(scalings.map(withoutLength))];
}

/** Whether bringing the rows to one length would change more than their size. */
function lengthsVary({ features, columns }: ChoiceRows): boolean {
  const lengths = inverseRowNorms(features, columns);
  const [least, most] = [lengths.reduce((a, b) => Math.min(a, b)), lengths.reduce((a, b) => Math.max(a, b))];
  return most > least * (1 + 1e-5);
}

/** A rival that gets all wrong rows right and no other wrong is ahead by the root of their number. */
function canBeBeaten({ accuracy }: Trial, folds: readonly Fold[]): boolean {
  const scored = folds.reduce((sum, { heldOut }) => sum + heldOut.length, 0);
  return Math.sqrt((1 - accuracy) * scored) > clearly;
}

/**
 * The most accurate, where each power of ten away from the usual strength costs one standard error of the best accuracy;
 * of equals the nearest to it, of equally near ones the strongest.
 */
function bestOf(trials: readonly Trial[], usual: number): Trial {
  const distance = ({ strength }: Trial) => Math.abs(Math.log10(strength / usual));
  const rows = trials[0]!.right.length;
  const wrong = (1 - Math.max(...trials.map(({ accuracy }) => accuracy))) * rows;
  const error = Math.sqrt(Math.max(1, wrong)) / rows;
  const score = (trial: Trial) => trial.accuracy - error * distance(trial);
  return trials.reduce((best, trial) => {
    const ahead = score(trial) - score(best);
    const nearer = ahead === 0 && distance(trial) < distance(best);
    return ahead > 0 || nearer ? trial : best;
  });
}
