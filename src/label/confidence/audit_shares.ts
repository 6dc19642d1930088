import { wilsonInterval } from '../../numerics/interval.ts';
import { differenceInterval, finiteShareInterval } from '../../numerics/sampling/finite_sample.ts';
import type { AuditDraw, DrawnLabel } from '../audit_draw.ts';
import type { ImageLabel } from '../image_label.ts';

/** A drawn label and what a person says of it; null where the row was left out. */
export interface AnsweredLabel extends DrawnLabel {
  /** What the image shows. */
  readonly answer: string | null;
}

/** Whether a row counts as wrong: a person says so, or it was left out. */
export const isWrong = ({ answer, label }: AnsweredLabel): boolean => answer !== label.trim();

/** Error among some of an audit's rows. */
export interface ErrorShare {
  /** Rows looked at, those left out among them. */
  readonly checked: number;
  /** Wrong ones, those left out among them. */
  readonly errors: number;
  /** 95% interval (Wilson) of the error, by itself. */
  readonly interval: readonly [number, number];
}

/** Number of images of a class with its 95% interval. */
export interface CountEstimate {
  /** The estimate. */
  readonly count: number;
  /** Its 95% interval: [low, high]. */
  readonly interval: readonly [number, number];
}

/** How many images of a class there are: those that are known, those that an audit speaks for, and the others. */
export interface ClassEstimate {
  /** The class's name. */
  readonly name: string;
  /** Images that people gave this class, but for those checked in the audit. */
  readonly given: number;
  /** Labels of this class that are neither given nor were automatic: nothing checks them. */
  readonly notCovered: number;
  /** Labels of this class that were automatic; those below estimate how many images among all of these show it. */
  readonly predicted: number;
  /** By predictions of all and the sample's corrections of them. */
  readonly corrected: CountEstimate;
  /** By the sample alone. */
  readonly classical: CountEstimate;
}

/** Error of the automatic labels by class, in the draw's order of classes; classes without a row are left out. */
export function errorsByClass(
  rows: readonly AnsweredLabel[],
  { classes }: AuditDraw,
): (ErrorShare & { readonly name: string })[] {
  return classes.flatMap(({ name }) => {
    const own = rows.filter(({ label }) => label === name);
    return own.length > 0 ? [{ name, ...errorAmong(own) }] : [];
  });
}

const mostBands = 4;
/** Fewer rows say nothing of a band. */
const leastRows = 10;

/** Error of the automatic labels in bands of confidence with about as many rows each, the surest first. */
export function errorsByConfidence(
  rows: readonly AnsweredLabel[],
): (ErrorShare & { readonly from: number; readonly to: number })[] {
  const sorted = [...rows].sort((a, b) => b.confidence - a.confidence);
  const bands = Math.max(1, Math.min(mostBands, Math.floor(rows.length / leastRows)));
  const found: (ErrorShare & { from: number; to: number })[] = [];
  for (let band = 1, start = 0; band <= bands && start < sorted.length; band++) {
    let end = Math.max(start + 1, Math.round((band * sorted.length) / bands));
    // Equal confidences are never parted.
    while (end < sorted.length && sorted[end]!.confidence === sorted[end - 1]!.confidence) end++;
    const own = sorted.slice(start, end);
    found.push({ from: own.at(-1)!.confidence, to: own[0]!.confidence, ...errorAmong(own) });
    start = end;
  }
  return found;
}

/** Rows of one group say no more than one row does: as many groups are taken to have been drawn, not as many rows. */
function errorAmong(rows: readonly AnsweredLabel[]): ErrorShare {
  const errors = rows.filter(isWrong).length;
  const groups = new Set(rows.map(({ group }) => group)).size;
  return {
    checked: rows.length,
    errors,
    interval: wilsonInterval((errors / rows.length) * groups, groups),
  };
}

/**
 * How many images of each class there are among the automatic labels that an audit was drawn from.
 *
 * `corrected` is prediction-powered inference (Angelopoulos et al., arXiv 2301.09633): the share of the class among all
 * predictions plus the mean, over the sample, of truth less prediction (the rectifier). As the sample is drawn from the
 * very labels that are counted, their own share is known without error, and the interval is the rectifier's alone: the
 * difference estimator of survey sampling (Cochran 1977, section 7.4). `classical` is the share in the sample.
 *
 * Rows that were left out may show anything: the estimates take their automatic labels for right, the intervals hold
 * whatever they show. Each interval is a 95% one by itself, at this return.
 * @param rows the part of the sample that is done; at least one
 * @param outside labels that the sample was not drawn from
 */
export function classEstimates(
  rows: readonly AnsweredLabel[],
  draw: AuditDraw,
  outside: readonly Pick<ImageLabel, 'label' | 'status'>[],
): ClassEstimate[] {
  const { population, classes } = draw;
  const units = unitsOf(rows);
  const drawn = rows.length / population;
  const named = rows.flatMap(({ answer }) => answer ?? []);
  const predictedOf = new Map(classes.map(({ name, count }) => [name.trim(), count]));
  const [given, notCovered] = [new Map<string, number>(), new Map<string, number>()];
  for (const { label, status } of outside) {
    const counts = status === 'given' ? given : notCovered;
    counts.set(label.trim(), (counts.get(label.trim()) ?? 0) + 1);
  }
  const names = new Set([...predictedOf.keys(), ...given.keys(), ...notCovered.keys(), ...named]);
  return [...names].map((name): ClassEstimate => {
    const predicted = predictedOf.get(name) ?? 0;
    const means = (value: (row: AnsweredLabel) => boolean) =>
      units.map((unit) => unit.filter(value).length / unit.length);
    const automatic = means(({ label }) => label.trim() === name);
    const least = means(({ answer }) => answer === name);
    const most = means(({ answer }) => answer === null || answer === name);
    const likely = means(({ answer, label }) => (answer ?? label.trim()) === name);
    const differences = (truth: readonly number[]) => truth.map((share, unit) => share - automatic[unit]!);
    const seen = named.filter((answer) => answer === name).length;
    const others = named.length - seen;
    const within = (share: number) => Math.min(population - others, Math.max(seen, share * population));
    const estimate = (share: number, low: number, high: number): CountEstimate => ({
      count: within(share),
      interval: [within(low), within(high)],
    });
    const base = predicted / population;
    const n = units.length;
    return {
      name,
      given: given.get(name) ?? 0,
      notCovered: notCovered.get(name) ?? 0,
      predicted,
      corrected: estimate(
        base + mean(differences(likely)),
        base + differenceInterval(differences(least), drawn)[0],
        base + differenceInterval(differences(most), drawn)[1],
      ),
      classical: estimate(
        mean(likely),
        finiteShareInterval(mean(least), n, drawn)[0],
        finiteShareInterval(mean(most), n, drawn)[1],
      ),
    };
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function unitsOf(rows: readonly AnsweredLabel[]): AnsweredLabel[][] {
  const units: AnsweredLabel[][] = [];
  for (const row of rows) {
    const unit = units.at(-1);
    if (unit && unit[0]!.group === row.group) unit.push(row);
    else units.push([row]);
  }
  return units;
}
