import * as Plot from '@observablehq/plot';
import type { Estimate } from '../../../numerics/interval.ts';
import type { Automatic, ComparisonRow } from '../../methods/comparison.ts';
import { beside, type Part, paragraph, table, type View } from '../elements.ts';
import { counted, percent, pointRange, points, range } from '../format.ts';
import { clip, type Html, html, isolated, userText } from '../html.ts';
import { figure, key, percentTicks } from '../plots.ts';
import type { Report } from '../report.ts';
import { encodersTable } from './encoders_table.ts';

/** Part 3: the methods that were compared, and which of them labels. */
export function comparisonPart({ report }: View): Part {
  const { comparison, training } = report;
  const { rows, heldOutFrom, folds } = comparison;
  const heldOut = heldOutFrom ? `, and on ${heldOutFrom}` : '';
  const how =
    folds > 0
      ? `Every method learned from the same labels and was scored on the same images: out of fold (each given label predicted by a fit on the other parts of ${folds}, which had not seen it)${heldOut}.`
      : `There were too few labels for folds, or none that check these methods${heldOutFrom ? `: the methods were scored on ${heldOutFrom}` : ', so no method could be scored'}.`;
  const seen = training?.learnedFromLabels
    ? ` What starts from the ${training.title} encoder is left out of that, since the encoder has learned from these labels: it labels only where nothing else can be checked.`
    : '';
  return {
    id: 'methods',
    title: 'Methods compared',
    body: [
      paragraph(
        `${how}${seen} Of the probes and the trained networks the one most often right out of fold labels, the earlier of equals; kNN, random features and the majority class are there to compare with. The held-out images choose nothing.`,
      ),
      rows.some((row) => row.outOfFold || row.heldOut)
        ? beside(comparisonFigure(comparison), comparisonTable(report))
        : comparisonTable(report),
      encodersTable(report.encoders ?? []),
    ],
  };
}

function comparisonTable({ comparison, riskCoverage }: Report): Html {
  const { rows, heldOutFrom } = comparison;
  const target = rows.some((row) => row.automatic) ? riskCoverage?.target : undefined;
  const images = rows.find((row) => row.outOfFold)?.outOfFold?.images ?? 0;
  const scored = rows.find((row) => row.heldOut)?.heldOut;
  const dash = '–';
  const share = ({ mean, interval }: Estimate) => html`${percent(mean)}<br><small>${range(interval)}</small>`;
  return table({
    caption: html`Share of images named rightly with its 95% interval, and how much more that is than training from scratch gives${
      target === undefined
        ? ''
        : '; what each method by itself could label automatically of the held-out images, and how much of that is wrong'
    }; the marked method labels${
      scored && scored.draws > 1 ? `; held-out figures are means over ${scored.draws} label draws` : ''
    }`,
    columns: [
      { head: 'Method' },
      { head: html`Out of fold<br><small>${counted(images, 'label')}</small>`, numeric: true },
      ...(heldOutFrom
        ? [{ head: html`Held out<br><small>${counted(scored?.images ?? 0, 'image')}</small>`, numeric: true }]
        : []),
      { head: html`Beyond scratch<br><small>percentage points</small>`, numeric: true },
      ...(target === undefined
        ? []
        : [{ head: html`Automatic<br><small>at ${percent(target)}</small>`, numeric: true }]),
    ],
    rows: rows.map((row) => [
      userText(row.method, 60),
      row.outOfFold ? share(row.outOfFold) : dash,
      ...(heldOutFrom ? [row.heldOut ? share(row.heldOut) : dash] : []),
      row.advantage
        ? html`${points(row.advantage.mean)}<br><small>${pointRange(row.advantage.interval)}</small>`
        : dash,
      ...(target === undefined ? [] : [row.automatic ? automaticCell(row.automatic) : dash]),
    ]),
    marked: rows.findIndex((row) => row.chosen),
  });
}

function automaticCell({ share, error }: Automatic): Html {
  return error === null
    ? html`${percent(share)}`
    : html`${percent(share)}<br><small>${percent(error)} wrong</small>`;
}

function comparisonFigure({ rows }: Report['comparison']): Html {
  const kinds = [
    { name: 'out of fold', of: (row: ComparisonRow) => row.outOfFold, y: 0.02, symbol: 'circle', key: 'dot' },
    { name: 'held out', of: (row: ComparisonRow) => row.heldOut, y: 0.24, symbol: 'square', key: 'square' },
  ] as const;
  const present = kinds.filter(({ of }) => rows.some((row) => of(row)));
  const colour = (row: ComparisonRow) => (row.chosen ? 'var(--accent)' : 'var(--muted)');
  const marks = present.flatMap(({ of, y, symbol }) => {
    const drawn = rows.flatMap((row, at) => {
      const found = of(row);
      return found ? [{ ...found, y: at + y, colour: colour(row) }] : [];
    });
    return [
      Plot.ruleY(drawn, {
        x1: (d) => d.interval[0],
        x2: (d) => d.interval[1],
        y: 'y',
        stroke: 'colour',
        strokeWidth: 2,
      }),
      Plot.dot(drawn, { x: 'mean', y: 'y', fill: 'colour', symbol, r: 4.5, stroke: 'var(--ground)' }),
    ];
  });
  return figure({
    label: `Accuracy of ${counted(rows.length, 'method')} with 95% intervals; the figures are in the table`,
    plot: {
      height: 48 * rows.length + 44,
      marginLeft: 8,
      marginRight: 16,
      marginTop: 8,
      marginBottom: 38,
      x: { domain: [0, 1], tickFormat: percentTicks, label: 'named rightly', grid: true, ticks: 5 },
      y: { domain: [-0.6, rows.length - 0.4], reverse: true, axis: null },
      color: { type: 'identity' },
      marks: [
        ...marks,
        Plot.text(rows, {
          x: 0,
          dx: 2,
          y: (_, at) => at - 0.26,
          text: (row: ComparisonRow) => isolated(clip(row.method, 50), 50),
          textAnchor: 'start',
          fill: (row: ComparisonRow) => (row.chosen ? 'var(--accent)' : 'var(--text)'),
          fontWeight: 600,
          stroke: 'var(--ground)',
          strokeWidth: 4,
        }),
      ],
    },
    caption: html`${present.map((kind) => key(kind.key, kind.name, 'muted'))} ${key('line', '95% interval', 'muted')}`,
  });
}
