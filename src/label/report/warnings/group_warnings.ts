import { named, sentence } from '../../../errors.ts';
import { binomialBound } from '../../../numerics/binomial_bound.ts';
import type { RiskCoverage } from '../../confidence/risk_coverage.ts';
import type { GroupsFound } from '../../groups/describe_groups.ts';
import type { OrderCheck } from '../../groups/order_check.ts';
import { percent, plainPercent } from '../format.ts';

/** Where images whose neighbours were not seen are named much worse. */
export const dependenceWarning = ({ method, random, neighbours }: OrderCheck): string =>
  sentence`Labelled images are not independent: ${method} names ${percent(random)} of them rightly in random folds, but ${percent(neighbours)} where images that lie side by side in the order of names are held out together. They come from series, such as the frames of one film or the slides of one patient, and say little of others, so the labels can promise nothing. Say which images belong together (${named('groups')}), or check audit.csv, a random sample of the surest predictions, and give it back: the bound then rests on these.`.toString();

/** Error that the labels' groups cannot exclude, though none of their images were told wrong. */
const leastBound = ({ observations }: GroupsFound) => binomialBound(0, observations);

/** Whether the labels come from so few groups that no error so small can be promised, however right the predictions are. */
export const tooFewGroups = (groups: GroupsFound, { target }: RiskCoverage): boolean =>
  leastBound(groups) > target;

/** Where nothing can be promised for want of groups. */
export const fewGroupsWarning = (groups: GroupsFound, { target }: RiskCoverage): string =>
  `The ${groups.labels} labels come from ${groups.observations} groups (${groups.from}), each of which counts once: even without one error these leave up to ${percent(leastBound(groups))} possible, so nothing was labelled automatically. For ${plainPercent(target)} label images of more groups, rather than more images of these.`;

/** Classes of which nobody can tell whether they are recognised in other groups. */
export function oneGroupWarnings({ from, ofClass }: GroupsFound, classes: readonly string[]): string[] {
  const alone = ofClass.flatMap((count, label) => (count === 1 ? [`'${classes[label]}'`] : []));
  if (alone.length === 0) return [];
  const more = alone.length > 10 ? ` and ${alone.length - 10} more` : '';
  return [
    `All labels of ${alone.slice(0, 10).join(', ')}${more} come from one group each (${from}): whether such images are recognised in other groups cannot be told.`,
  ];
}
