import type { ClassificationScores } from '../../confidence/scores.ts';
import { note, type Part, paragraph, table, type View } from '../elements.ts';
import { count, counted, percent, range } from '../format.ts';
import { type Content, className, clip, type Html, html } from '../html.ts';
import { mostClasses } from './classes_part.ts';
import { listed } from './data_part.ts';

/** Up to so many classes the whole confusion matrix is shown, above it the pairs confused most. */
const mostInMatrix = 30;
const mostPairs = 30;

/** Part 4: what the method that labels gets right and wrong, class by class. */
export function scoresPart({ report }: View): Part {
  const { outOfFold, hiddenTruth, classes } = report;
  const names = classes.map(({ name }) => name);
  const body = outOfFold
    ? [
        paragraph(
          html`Predictions of given labels by a fit that had not seen them: ${percent(outOfFold.accuracy)} of ${counted(outOfFold.count, 'label')} named rightly (95% interval ${range(outOfFold.interval)}); the mean over classes of their recall, in which a rare class counts as much as a common one, is ${percent(outOfFold.balancedAccuracy)}.`,
        ),
        classTable(outOfFold, names),
        confusion(outOfFold, names),
      ]
    : [note('There were too few given labels to predict any of them out of fold.')];
  return {
    id: 'errors',
    title: 'Errors by class',
    body: [body, hiddenTruth ? hidden(hiddenTruth.all, names) : null],
  };
}

function classTable(scores: ClassificationScores, names: readonly string[]): Html {
  const share = (value: number | null) => (value === null ? '–' : percent(value));
  return table({
    caption: listed(
      'Out of fold. Precision: of images named so, the share that are; recall: of images that are, the share named so',
      Math.min(mostClasses, names.length),
      names.length,
    ),
    columns: [
      { head: 'Class' },
      { head: 'Labels', numeric: true },
      { head: 'Named so', numeric: true },
      { head: 'Precision', numeric: true },
      { head: 'Recall', numeric: true },
    ],
    rows: scores.classes
      .slice(0, mostClasses)
      .map(({ support, predicted, precision, recall }, at) => [
        className(names[at]!),
        count(support),
        count(predicted),
        share(precision),
        share(recall),
      ]),
  });
}

function hidden(scores: ClassificationScores, names: readonly string[]): Content {
  return [
    html`<h3>Against hidden truth</h3>
`,
    paragraph(
      html`All labels that were not given, compared with labels hidden from training: ${percent(scores.accuracy)} of ${counted(scores.count, 'image')} are right (95% interval ${range(scores.interval)}).`,
    ),
    confusion(scores, names),
  ];
}

function confusion(scores: ClassificationScores, names: readonly string[]): Content {
  const pairs = confusedPairs(scores);
  if (names.length > mostInMatrix) return pairTable(pairs, scores, names);
  const [first] = pairs;
  const worst =
    first &&
    html`Most often confused: ${className(names[first.truth]!)} taken for ${className(names[first.predicted]!)}, ${count(first.count)} of ${count(scores.classes[first.truth]!.support)}.`;
  return [matrix(scores, names), worst ? paragraph(worst) : null];
}

interface Pair {
  readonly truth: number;
  readonly predicted: number;
  readonly count: number;
}

function confusedPairs({ confusion }: ClassificationScores): Pair[] {
  return confusion
    .flatMap((row, truth) => row.map((count, predicted) => ({ truth, predicted, count })))
    .filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || a.truth - b.truth || a.predicted - b.predicted);
}

function pairTable(pairs: readonly Pair[], scores: ClassificationScores, names: readonly string[]): Content {
  if (pairs.length === 0) return paragraph('No class was taken for another.');
  return table({
    caption: listed('Classes confused most often', Math.min(mostPairs, pairs.length), pairs.length),
    columns: [
      { head: 'Class' },
      { head: 'Taken for' },
      { head: 'Images', numeric: true },
      { head: 'Of its labels', numeric: true },
    ],
    rows: pairs
      .slice(0, mostPairs)
      .map(({ truth, predicted, count: images }) => [
        className(names[truth]!),
        className(names[predicted]!),
        count(images),
        percent(images / scores.classes[truth]!.support),
      ]),
  });
}

/** Truth by row, prediction by column; a cell is the darker the larger its share of the row. */
function matrix({ confusion, classes }: ClassificationScores, names: readonly string[]): Html {
  return html`<div class="scroll" tabindex="0"><table class="matrix">
<caption>Confusion matrix: rows are the true class, columns the predicted one; the diagonal is right</caption>
<thead><tr><th scope="col" class="text">True class</th>${names.map(
    (name) =>
      html`<th scope="col" class="upright" title="${clip(name, 240)}"><bdi>${clip(name, 16)}</bdi></th>`,
  )}</tr></thead>
<tbody>
${confusion.map(
  (row, truth) => html`<tr><th scope="row" class="text">${className(names[truth]!)}</th>${row.map(
    (images, predicted) =>
      html`<td${truth === predicted ? html` class="right"` : null} style="--share:${Math.round((100 * images) / Math.max(1, classes[truth]!.support))}%">${images === 0 ? '' : count(images)}</td>`,
  )}</tr>
`,
)}</tbody>
</table></div>
`;
}
