import { columns, note, type Part, paragraph, table } from '../report/elements.ts';
import { count, points as inPoints, percent, pointRange, range } from '../report/format.ts';
import { type Content, type Html, html, userText } from '../report/html.ts';
import { howToMakeAgain } from '../report/parts/provenance_part.ts';
import { trainingBody } from '../report/parts/training_part.ts';
import { renderPage } from '../report/shell.ts';
import { curvesFigure, legendFigure } from './curves_figure.ts';
import { type Panel, type PanelCurve, panelsOf } from './panels.ts';
import type { ComparedEncoder, CurvePoint, EncoderComparison } from './result.ts';
import { budgetWords, cautionOf, howName, intervalWords, referenceTitle } from './words.ts';

/**
 * A comparison as one self-contained HTML page: it fetches nothing and runs no script. The same comparison gives
 * the same bytes.
 */
export function renderComparison(comparison: EncoderComparison): Promise<string> {
  const panels = panelsOf(comparison);
  return renderPage({
    product: 'kindred: pretext methods compared',
    tab: 'Pretext methods compared',
    heading: userText(comparison.title, 100),
    summary: summary(comparison),
    parts: [
      curvesPart(comparison, panels),
      tablesPart(comparison, panels),
      trainingsPart(comparison),
      howToMakeAgain(comparison.provenance, 'figures'),
    ],
  });
}

function summary(comparison: EncoderComparison): Content {
  const { encoders, heldOut, network, imageSize, classes } = comparison;
  const cautions = encoders.flatMap((encoder) => cautionOf(encoder) ?? []);
  return [
    paragraph(
      `Every encoder is a ${network} at ${imageSize}×${imageSize} pixels and had ${budgetWords(comparison)}. What it is worth is the share of ${count(heldOut.images)} held-out images (${heldOut.from}) of ${classes.length} classes that are named rightly, by how many labels there were to learn from.`,
    ),
    cautions.length > 0
      ? html`<div class="warnings"><h2>Before you compare</h2><ul>${cautions.map((text) => html`<li>${text}</li>`)}</ul></div>
`
      : null,
  ];
}

function curvesPart({ encoders }: EncoderComparison, panels: readonly Panel[]): Part {
  const drawn = encoders.flatMap(({ title, curves }, at) => (curves.length > 0 ? [{ title, at }] : []));
  return {
    id: 'curves',
    title: 'Accuracy by the number of labels',
    body:
      panels.length === 0
        ? note('Nothing could be scored: every method was given up.')
        : columns(...panels.map(curvesFigure), legendFigure(drawn)),
  };
}

function tablesPart(comparison: EncoderComparison, panels: readonly Panel[]): Part {
  const reference = referenceTitle(comparison);
  const against =
    reference === undefined
      ? ''
      : ` Differences, in percentage points, are to ${reference}, which was fixed as the reference before anything was scored.`;
  return {
    id: 'figures',
    title: 'The figures',
    body: [
      paragraph(`${intervalWords(comparison)}${against}`),
      paragraph(
        'Held-out images chose nothing: probes and neighbours took their settings from folds of the drawn labels alone, networks trained for a number of steps that was fixed before, and no pretext task saw the held-out images.',
      ),
      ...panels.map((panel) => panelTable(panel, reference)),
    ],
  };
}

function panelTable({ title, curves, points }: Panel, reference: string | undefined): Html {
  return table({
    caption: html`${title}: share of held-out images named rightly with its 95% interval${
      reference === undefined ? '' : `, and the mean difference to ${reference} with that of its own`
    }, by labels a class`,
    columns: [
      { head: 'Encoder' },
      ...points.map((perClass) => ({
        head: perClass === null ? html`all<br><small>${labelsOf(curves)}</small>` : String(perClass),
        numeric: true,
      })),
    ],
    rows: curves.map((curve) => [
      html`${curve.title}${againstWords(curve)}`,
      ...points.map((perClass) => {
        const point = curve.points.find((each) => each.perClass === perClass);
        return point ? cell(point) : '–';
      }),
    ]),
  });
}

/** What a curve's differences are to, where that is not the like of it. */
const againstWords = ({ how, against }: PanelCurve): Content =>
  against === null || against === how ? null : html`<br><small>against ${howName(against)}</small>`;

/** How many labels all are. */
function labelsOf(curves: readonly PanelCurve[]): string {
  const all = curves.flatMap(({ points }) => points.filter(({ perClass }) => perClass === null))[0];
  return all ? `${count(all.labels)} labels` : '';
}

function cell({ accuracy, difference }: CurvePoint): Html {
  const share = html`${percent(accuracy.mean)}<br><small>${range(accuracy.interval)}</small>`;
  if (!difference) return share;
  return html`${share}<br><small>${inPoints(difference.mean)} (${pointRange(difference.interval)})</small>`;
}

function trainingsPart({ encoders }: EncoderComparison): Part {
  return {
    id: 'trainings',
    title: 'How each encoder learned',
    body: encoders.flatMap((encoder) => {
      const { training, title } = encoder;
      if (!training && encoder.stopped === null) return [];
      return [html`<h3>${title}</h3>\n`, ...trainingOf(encoder)];
    }),
  };
}

function trainingOf({ training, budget, stopped }: ComparedEncoder): Content[] {
  const seen = budget ? `Its budget: ${count(budget.epochs)} epochs, ${count(budget.images)} images.` : '';
  return [
    paragraph(stopped === null ? seen : `${seen} It was given up: ${stopped}.`),
    ...(training ? trainingBody(training) : []),
  ];
}
