import { noneOfTheseText } from '../../../data/labels/none_of_these.ts';
import { bar, note, type Part, table, type View } from '../elements.ts';
import { count, counted } from '../format.ts';
import { type Content, className, html } from '../html.ts';
import { listed } from './data_part.ts';

/** Most classes that a table of the page lists. */
export const mostClasses = 300;

/** Part 2: images of each class, by how they came by it. */
export function classesPart({ report }: View): Part {
  const { classes, comparison, groups, noneOfThese } = report;
  const predicted = ({ auto, review }: { auto: number; review: number }) => auto + review;
  const largest = Math.max(1, ...classes.map(predicted));
  return {
    id: 'classes',
    title: 'Classes',
    body: [
      fewLabels(classes, Math.max(5, comparison.folds)),
      note(
        'A class that nobody labelled cannot be predicted: its images appear below under other names, or as outliers (see part 10). Give at least one label of every class that the images hold.',
      ),
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
            bar(predicted(each) / largest),
          ]),
      }),
    ],
  };
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
