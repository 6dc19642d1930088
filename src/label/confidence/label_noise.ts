/** Given labels, and what the others make of their images. */
export interface NoiseInputs {
  /** Of each row, by models or neighbours that know nothing of its label [rows × classes]. */
  readonly probabilities: Float32Array;
  /** The class given to each row; rows of −1 are left out. */
  readonly labels: Int32Array;
  /** What each row counts: 1 in all for a group. */
  readonly counts: Float64Array;
  /** Number of classes. */
  readonly classes: number;
}

/** Wrong given labels, as far as their number shows. */
export interface LabelNoise {
  /** Share of the given labels, of the pair's where there is one, that is likely wrong, 0 … 1. */
  readonly share: number;
  /** Two classes, by number, given for one another; null where wrong labels are of any class. */
  readonly pair: readonly [number, number] | null;
  /** Twice the logarithm of how much likelier the labels are with wrong ones among them than without. */
  readonly evidence: number;
}

/** Chance of an alarm where no label is wrong: for labels of any class, and for all pairs of classes together. */
const allowed = { any: 0.05, pairs: 0.02 };
/** Powers to which probabilities are raised: wrong labels make them less sure than the others would be. */
const powers = [0.5, 0.6, 0.75, 0.9, 1, 1.15, 1.35, 1.6, 2, 2.5, 3.2, 4];
const shares = Array.from({ length: 40 }, (_, at) => (at + 1) / 80);
/** Pairs of which fewer labels are predicted as the other are not looked at. */
const leastConfused = 2;
/** An image whose own class has less than this comes from a fold that did not know the class. */
const least = 1e-6;

/**
 * Whether more given labels are contradicted, and more surely, than the probabilities without wrong labels
 * explain. Likelihood-ratio tests: of labels that are wrong with some chance, any other class being as
 * likely, or one other of a pair (the noise models of confident learning, Northcutt et al. 2021, arXiv 1911.00068, and of
 * Lawrence & Schölkopf 2001), against none, each at the temperature that suits it best. As the share of wrong labels
 * cannot be negative, twice the log ratio exceeds x by chance in less than ½ exp(−x/2) of cases.
 * @returns the better founded of the two; null where chance explains what is seen
 */
export function findLabelNoise({ probabilities, labels, counts, classes }: NoiseInputs): LabelNoise | null {
  const rows = [...labels.keys()].filter(
    (row) => labels[row]! >= 0 && probabilities[row * classes + labels[row]!]! > 0,
  );
  if (rows.length === 0) return null;
  const sharpened = powers.map((power) => sharpen(probabilities, classes, power));
  const own = (values: Float64Array, row: number) => values[row * classes + labels[row]!]!;
  const logLikelihood = (values: Float64Array, of: readonly number[], chance: (row: number) => number) =>
    of.reduce((sum, row) => sum + counts[row]! * Math.log(own(values, row) + chance(row)), 0);
  const clean = sharpened.map((values) => logLikelihood(values, rows, () => 0));
  const none = Math.max(...clean);
  const best = (of: readonly number[], other: (values: Float64Array, row: number) => number) => {
    let found = { evidence: 0, share: 0 };
    sharpened.forEach((values, at) => {
      const rest = clean[at]! - logLikelihood(values, of, () => 0);
      for (const share of shares) {
        const mixed = (row: number) => share * (other(values, row) - own(values, row));
        const evidence = 2 * (rest + logLikelihood(values, of, mixed) - none);
        if (evidence > found.evidence) found = { evidence, share };
      }
    });
    return found;
  };
  const any = best(rows, (values, row) => (1 - own(values, row)) / (classes - 1));
  const tail = ({ evidence }: { evidence: number }) => Math.exp(-evidence / 2) / 2;
  const pairs = confusedPairs({ probabilities, labels, counts, classes }, rows);
  const all = (classes * (classes - 1)) / 2;
  const founded: LabelNoise[] = [];
  if (tail(any) <= allowed.any) founded.push({ ...any, pair: null });
  for (const pair of pairs) {
    const of = rows.filter((row) => pair.includes(labels[row]!));
    const twin = (row: number) => (labels[row] === pair[0] ? pair[1] : pair[0]);
    const found = best(of, (values, row) => values[row * classes + twin(row)]!);
    if (tail(found) * all <= allowed.pairs) founded.push({ ...found, pair });
  }
  return founded.sort((a, b) => b.evidence - a.evidence)[0] ?? null;
}

/** Rows of p^power, brought to the sum 1. */
function sharpen(probabilities: Float32Array, classes: number, power: number): Float64Array {
  const values = Float64Array.from(probabilities, (p) => Math.max(p, least) ** power);
  for (let start = 0; start < values.length; start += classes) {
    const row = values.subarray(start, start + classes);
    const sum = row.reduce((total, value) => total + value, 0);
    for (let k = 0; k < classes; k++) row[k]! /= sum;
  }
  return values;
}

/** Pairs of classes of which one is likelier than the given other for some labels. */
function confusedPairs({ probabilities, labels, classes }: NoiseInputs, rows: readonly number[]) {
  const counts = new Map<number, number>();
  for (const row of rows) {
    const label = labels[row]!;
    const given = probabilities[row * classes + label]!;
    for (let k = 0; k < classes; k++) {
      if (probabilities[row * classes + k]! <= given || k === label) continue;
      const key = Math.min(k, label) * classes + Math.max(k, label);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([, count]) => count >= leastConfused)
    .map(([key]): [number, number] => [Math.floor(key / classes), key % classes]);
}
