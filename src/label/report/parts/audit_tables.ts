import { details, note, table } from '../elements.ts';
import { count, counted, estimateText, percent, range } from '../format.ts';
import { type Content, className, html } from '../html.ts';
import type { AuditResult, Report } from '../report.ts';
import { mostClasses } from './classes_part.ts';
import { listed } from './data_part.ts';

/** Errors of an audit by class and by confidence. */
export function auditErrors({ byClass, byConfidence, leftOut }: AuditResult): Content {
  if (byClass.length === 0) return null;
  const cells = ({
    checked,
    errors,
    interval,
  }: AuditResult['byClass'][number] | AuditResult['byConfidence'][number]) => [
    count(checked),
    count(errors),
    percent(errors / checked),
    range(interval),
  ];
  const columns = (head: string) => [
    { head },
    { head: 'Checked', numeric: true },
    { head: 'Wrong', numeric: true },
    { head: 'Error', numeric: true },
    { head: '95% interval', numeric: true },
  ];
  return details('The audit by class and by confidence', [
    note(
      `Each interval is by itself; few rows say little.${leftOut > 0 ? ' Rows that were left out count as wrong.' : ''}`,
    ),
    table({
      caption: listed('By predicted class', Math.min(mostClasses, byClass.length), byClass.length),
      columns: columns('Class'),
      rows: byClass.slice(0, mostClasses).map((row) => [className(row.name), ...cells(row)]),
    }),
    table({
      caption: 'By confidence',
      columns: columns('Confidence'),
      rows: byConfidence.map((row) => [`${percent(row.from)}–${percent(row.to)}`, ...cells(row)]),
    }),
  ]);
}

/** How many images of each class there are, as far as an audit can tell. */
export function classCounts({ auditSample }: Report): Content {
  if (!auditSample || auditSample.classCounts.length === 0) return null;
  const { population, classCounts: classes, checked, leftOut } = auditSample;
  const others = classes.reduce((sum, { notCovered }) => sum + notCovered, 0);
  return [
    html`<h3>How many images of each class there are</h3>
`,
    note(
      html`The audit speaks for the ${counted(population, 'label')} that were automatic when it was drawn. Corrected: their predictions, put right by what ${counted(checked + leftOut, 'row')} of the sample showed (prediction-powered inference). Classical: by these rows alone. Each 95% interval is by itself, at this return. For ${count(others)} other predicted labels nothing checks the counts: they are <strong>not covered</strong>.`,
    ),
    table({
      caption: listed('Images by class', Math.min(mostClasses, classes.length), classes.length),
      columns: [
        { head: 'Class' },
        { head: 'Given', numeric: true },
        { head: 'Automatic, as predicted', numeric: true },
        { head: 'corrected (95%)', numeric: true },
        { head: 'classical (95%)', numeric: true },
        { head: 'Not covered', numeric: true },
      ],
      rows: classes
        .slice(0, mostClasses)
        .map(({ name, given, predicted, corrected, classical, notCovered }) => [
          className(name),
          count(given),
          count(predicted),
          estimateText(corrected),
          estimateText(classical),
          count(notCovered),
        ]),
    }),
  ];
}
