import type { MixtureShare } from '../../numerics/sampling/mixture_share.ts';
import type { ImageLabel } from '../image_label.ts';
import type { NewGroup } from '../novelty/new_groups.ts';
import type { Novelty } from '../novelty/novelty.ts';
import type { NewGroupFound, UnlikeImage, UnnamedFound } from '../novelty/unnamed_found.ts';
import { counted, plainPercent, range } from './format.ts';
import { listLimits } from './limits.ts';

/** Findings, which speak of rows, by what the report calls them. */
export function describeUnnamed(
  { share, scores, pValues }: Novelty,
  groups: readonly NewGroup[],
  verdict: Pick<UnnamedFound, 'automatic' | 'withheld'>,
  rows: { readonly images: Int32Array; readonly labels: readonly ImageLabel[]; readonly open: Int32Array },
): UnnamedFound {
  const shown = (row: number): UnlikeImage => ({
    ...rows.labels[row]!,
    image: rows.images[row]!,
    chance: pValues[row]!,
  });
  const unlike = [...rows.open].sort((a, b) => scores[b]! - scores[a]! || a - b);
  return {
    share,
    automatic: verdict.automatic,
    withheld: verdict.withheld,
    unlike: unlike.slice(0, listLimits.unlike).map(shown),
    groups: groups.slice(0, listLimits.newGroups).map((group) => ({
      shown: Array.from(group.rows.subarray(0, listLimits.newGroup), shown),
      observations: group.rows.length,
      images: group.images,
      predicted: mostPredicted(Array.from(group.rows, (row) => rows.labels[row]!.label)),
    })),
    groupCount: groups.length,
  };
}

function mostPredicted(names: readonly string[]): NewGroupFound['predicted'] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const [name, observations] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most));
  return { name, observations };
}

/** Whether more than chance speaks for images of no named class. */
export const isEvident = ({ share }: Pick<UnnamedFound, 'share'>): boolean =>
  share !== null && share.atLeast > 0;

/** How many images are of no named class; a clause without a full stop. */
export function shareText({ share, interval }: MixtureShare): string {
  return `${plainPercent(round(share))} (95% interval ${range(interval)})`;
}

const round = (share: number) => Math.round(100 * share) / 100;

/** Stands among the warnings where there seem to be classes that nobody named. */
export function unnamedWarning({ share, automatic, withheld, groupCount }: UnnamedFound): string {
  const found = `Images of a class that nobody named seem to be in the folder: about ${shareText(share!)} of those without a label.`;
  const verdict = withheld
    ? ` Of the labels that would be automatic about ${plainPercent(round((automatic ?? share!).share))} would be wrong by that alone, so nothing is promised.`
    : '';
  const look =
    groupCount > 0
      ? `The report shows ${counted(groupCount, 'group')} of likely new classes: name them`
      : 'The report shows the images most unlike the labelled ones: name them';
  return `${found}${verdict} ${look}, or say 'none of these', and give the labels back.`;
}
