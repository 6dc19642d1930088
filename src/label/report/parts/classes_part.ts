import { noneOfTheseText } from '../../../data/labels/none_of_these.ts';
import { originNames } from '../../../data/labels/origin.ts';
import { bar, note, type Part, table, type View } from '../elements.ts';
import type { ShareEstimate } from '../estimates.ts';
import { count, counted, percent, range } from '../format.ts';
import { type Content, className, html } from '../html.ts';
import { listed } from './data_part.ts';

/** Most classes that a table of the page lists. */
export const mostClasses = 300;

/** Part 2: images of each class, by how they came by it. */
export function classesPart({ report }: View): Part {
  const { classes, classShares: shares, comparison, groups, noneOfThese } = report;
  const predicted = ({ auto, review }: { auto: number; review: number }) => auto + review;
  const largest = Math.max(1, ...classes.map(predicted));
  return {
    id: 'classes',
    title: 'Classes',
    body: [
      fewLabels(classes, Math.max(5, comparison.folds)),
      originsNote(report.origins),
      note(
        'A class that nobody labelled cannot be predicted: its images appear below under other names, or as outliers (see part 10). Give at least one label of every class that the images hold.',
      ),
      shares
        ? note(
            'The estimated share of a class is that among the images without a label that are no outliers: what is predicted, corrected by what is confused among the given labels. It assumes that a class looks alike in both.',
          )
        : null,
      noneOfThese
        ? note(`${counted(noneOfThese, 'image')} given as '${noneOfTheseText}', of none of the classes.`)
        : null,
      table({
        caption: listed('Images of each class', Math.min(mostClasses, classes.length), classes.length),
        columns: [
          { head: 'Class' },
          { head: 'Given', numeric: true },
          ...(groups ? [{ head: 'of groups', numeric: true }] : []),
          { head: 'Automatic', numeric: true },
          { head: 'Review', numeric: true },
          { head: 'Predicted', numeric: true },
          ...(shares ? [{ head: html`Share<br><small>estimated, 95% interval</small>`, numeric: true }] : []),
          { head: html`<span class="hidden">Predicted, as a bar</span>` },
        ],
        rows: classes
          .slice(0, mostClasses)
          .map((each, label) => [
            className(each.name),
            count(each.given),
            ...(groups ? [count(groups.ofClass[label] ?? 0)] : []),
            count(each.auto),
            count(each.review),
            count(predicted(each)),
            ...(shares ? [shareCell(shares[label])] : []),
            bar(predicted(each) / largest),
          ]),
      }),
    ],
  };
}

function shareCell(estimate: ShareEstimate | undefined): Content {
  if (!estimate) return '–';
  return html`${percent(estimate.share)}<br><small>${range(estimate.interval)}</small>`;
}

/** Where the labels came from; nothing where all are the person's own. */
function originsNote(origins: View['report']['origins']): Content {
  const words = {
    random: 'drawn at random',
    stratified: 'drawn at random from a class',
    proposed: 'proposed for what they teach',
    audit: 'audited',
    own: 'chosen by you',
  };
  const present = originNames.filter((name) => origins[name] > 0);
  if (present.every((name) => name === 'own')) return null;
  const parts = present.map((name) => `${count(origins[name])} ${words[name]}`).join(', ');
  const teach = origins.proposed + origins.audit > 0;
  return note(
    `How the labelled images were found: ${parts}.${teach ? ' Those proposed or audited teach, but check nothing: they stand for no others.' : ''} given.csv says it of each.`,
  );
}

function fewLabels(classes: View['report']['classes'], enough: number): Content {
  const few = classes.filter(({ given }) => given < enough);
  if (few.length === 0) return null;
  const named = few
    .slice(0, 12)
    .map(({ name, given }, at) => html`${at > 0 ? ', ' : ''}${className(name)} (${given})`);
  const rest = few.length > 12 ? ` and ${few.length - 12} more` : '';
  return note(
    html`<strong>Fewer than ${enough} labels:</strong> ${named}${rest}. Figures of such a class rest on next to nothing; label more of it first.`,
  );
}
