import { named, sentence } from '../../errors.ts';
import { binomialBound } from '../../numerics/binomial_bound.ts';
import type { RiskCoverage } from '../confidence/risk_coverage.ts';
import type { GroupsFound } from '../groups/describe_groups.ts';
import type { OrderCheck } from '../groups/order_check.ts';
import { percent, plainPercent } from './format.ts';

/** Where images whose neighbours were not seen are named much worse. */
export const dependenceWarning = ({ method, random, neighbours }: OrderCheck): string =>
  sentence`Labelled images are not independent: ${method} names ${percent(random)} of them rightly in random folds, but ${percent(neighbours)} where images that lie side by side in the order of names are held out together. They come from series, such as the frames of one film or the slides of one patient, and say little of others, so nothing was labelled automatically. Say which images belong together (${named('groups')}).`.toString();

/** What groups mean for what can be promised. */
export function groupWarnings(
  { observations, labels, from, ofClass }: GroupsFound,
  risk: RiskCoverage | null,
  classes: readonly string[],
): string[] {
  const warnings: string[] = [];
  const fewest = ofClass.flatMap((count, label) => (count === 1 ? [`'${classes[label]}'`] : []));
  if (fewest.length > 0) {
    warnings.push(
      `All labels of ${fewest.slice(0, 10).join(', ')} come from one group (${from}): whether such images are recognised in another group cannot be told.`,
    );
  }
  const least = binomialBound(0, observations);
  if (risk && least > risk.target) {
    warnings.push(
      `The ${labels} labels come from ${observations} groups (${from}). Without one error these bound it by ${percent(least)}: for ${plainPercent(risk.target)} label images of more groups, rather than more images of these.`,
    );
  }
  return warnings;
}
