import type { RiskCoveragePoint } from '../../label/confidence/risk_coverage.ts';
import { type Accepted, chooseThreshold } from '../../label/confidence/threshold_rule.ts';
import { count, counted, percent, plainPercent } from '../../label/report/format.ts';
import type { Report } from '../../label/report/report.ts';
import { binomialBound } from '../../numerics/binomial_bound.ts';

/** What errors fewer checks show is mostly luck: a share is not reckoned on from so few. */
const leastChecks = 10;
/** More checks than this are no step that a person takes next. */
const mostChecks = 5000;
/** Of the open images so many more must become automatic for a step to be worth naming. */
const worthwhile = 0.1;

/** How many checks of equal weight say as much as those of a point: what its bound follows from. */
function checksOf({ accepted, error, bound }: RiskCoveragePoint): number {
  let [low, high] = [0, accepted];
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2;
    if (binomialBound(error * middle, middle) > bound) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** What a risk table would promise, were there more checks. */
export interface NextStep {
  /** Further checks. */
  readonly checks: number;
  /** Open images that would then be automatic. */
  readonly auto: number;
}

/**
 * The fewest further checks with which the rule of promises (see `chooseThreshold`) would choose a point with at least so
 * many automatic labels, if as large a share of them is wrong, and they are as sure, as those there are.
 * @param points of a report's table
 * @param target largest error allowed, 0 … 1
 * @param leastAuto automatic labels wanted
 * @returns undefined where no number up to some thousands is enough
 */
export function nextStep(
  points: readonly RiskCoveragePoint[],
  target: number,
  leastAuto: number,
): NextStep | undefined {
  const told = points.filter(({ accepted }) => accepted >= leastChecks);
  const sizes = told.map(checksOf);
  const all = sizes.at(-1) ?? 0;
  if (all === 0) return undefined;
  const autoWith = (checks: number): number => {
    const growth = checks / all;
    const accepted = told.map(
      ({ threshold, errors, coverage, error }, at): Accepted => ({
        threshold,
        count: Math.round(sizes[at]! * growth),
        errors,
        weight: coverage,
        error,
        effectiveCount: sizes[at]! * growth,
      }),
    );
    return told[chooseThreshold(accepted, target)]?.auto ?? 0;
  };
  let [low, high] = [Math.ceil(all), mostChecks];
  if (low >= high || autoWith(high) < Math.max(1, leastAuto)) return undefined;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (autoWith(middle) >= Math.max(1, leastAuto)) high = middle;
    else low = middle + 1;
  }
  return { checks: Math.max(1, Math.ceil(low - all)), auto: autoWith(low) };
}

/**
 * What further labels would bring, as far as the errors made so far tell. What counts are labels of images drawn at random:
 * proposals that were chosen for what they teach check nothing.
 */
export function enoughText({
  riskCoverage,
  counts,
  likeness,
  order,
  limitedClasses = [],
}: Pick<Report, 'riskCoverage' | 'counts' | 'likeness' | 'order' | 'limitedClasses'>): string {
  if (!riskCoverage || riskCoverage.points.length === 0)
    return 'how many more labels are needed cannot be told yet: label at least two images of each of two classes';
  const { target, chosen, points, withheld } = riskCoverage;
  const aim = plainPercent(target);
  const open = counts.auto! + counts.review!;
  if (chosen && counts.review === 0) return `enough: all open images keep the target of ${aim}`;
  if (withheld) {
    const why =
      limitedClasses.length > 0
        ? `${limitedClasses.slice(0, 3).join(', ')} ${limitedClasses.length > 1 ? 'have' : 'has'} too few labels: label more of these`
        : likeness?.apart || order?.dependent
          ? 'the labelled images are unlike the others: label images that are drawn at random'
          : 'the labels do not stand for the other images: label images that are drawn at random';
    return `more labels of the same kind would not help, since ${why}`;
  }
  const step = nextStep(points, target, (chosen?.auto ?? 0) + worthwhile * open);
  if (step) {
    const share = open > 0 ? ` (${plainPercent(step.auto / open)} of the open ones)` : '';
    return `some ${counted(step.checks, 'more label')} of images drawn at random would make ${counted(step.auto, 'label')} automatic${share} at ${aim}, if no larger share of the predictions is wrong than so far`;
  }
  const wrong = `${percent(points.at(-1)!.error)} of the predictions that could be checked are wrong`;
  return chosen
    ? `how many more labels would make more than ${count(chosen.auto)} automatic cannot be told: ${wrong}, and most of them among the others`
    : `how many more labels would keep ${aim} cannot be told: ${wrong}, so the predictions have to become better first`;
}
