import * as Plot from '@observablehq/plot';
import type { Calibration, Reliability } from '../../confidence/calibration.ts';
import { columns, details, note, type Part, paragraph, table, type View } from '../elements.ts';
import { count, counted, figure as digits, percent } from '../format.ts';
import { type Html, html } from '../html.ts';
import { figure, key, pairedWidth, percentTicks } from '../plots.ts';

/** Part 5: whether a confidence of 80% means right in 80%. */
export function calibrationPart({ report }: View): Part {
  const { calibration } = report;
  return {
    id: 'calibration',
    title: 'Calibration',
    body: calibration
      ? body(calibration)
      : note(
          'There were too few given labels to calibrate on: a confidence here is only an order, not a chance.',
        ),
  };
}

function body({ temperature, before, after }: Calibration) {
  return [
    paragraph(
      html`Of labels with a confidence of 80%, about 80% should be right. One number, the temperature ${digits(temperature)}, was fitted on out-of-fold predictions: above 1 it makes confidences more modest, below 1 bolder. All confidences in this report and in labels.csv are those after it.`,
    ),
    columns(diagram(before, 'Before'), diagram(after, 'After')),
    table({
      caption: 'How far confidence and accuracy lie apart, out of fold; smaller is better',
      columns: [
        { head: 'Measure' },
        { head: 'Before', numeric: true },
        { head: 'After', numeric: true },
        { head: 'What it means' },
      ],
      rows: [
        [
          'Expected calibration error',
          percent(before.expectedError),
          percent(after.expectedError),
          'mean gap between confidence and accuracy, by bins of confidence',
        ],
        [
          'Log loss',
          digits(before.logLoss),
          digits(after.logLoss),
          'surprise at the truth: large where a sure prediction was wrong',
        ],
      ],
    }),
    details('The figures of the diagrams', columns(bins(before, 'Before'), bins(after, 'After'))),
  ];
}

function diagram({ bins }: Reliability, name: string): Html {
  const filled = bins.filter((bin) => bin.count > 0);
  const most = Math.max(1, ...filled.map((bin) => bin.count));
  return figure({
    label: `${name} calibration: accuracy against confidence in ${counted(filled.length, 'bin')}`,
    plot: {
      width: pairedWidth,
      height: 360,
      marginLeft: 44,
      marginRight: 16,
      marginBottom: 40,
      marginTop: 24,
      x: { domain: [0, 1], label: 'confidence', tickFormat: percentTicks, ticks: 5, grid: true },
      y: { domain: [0, 1], label: 'named rightly', tickFormat: percentTicks, ticks: 5, grid: true },
      r: { type: 'sqrt', domain: [0, most], range: [2.5, 12] },
      marks: [
        Plot.line([0, 1], { x: (d) => d, y: (d) => d, stroke: 'var(--muted)', strokeDasharray: '4 3' }),
        Plot.ruleX(filled, {
          x: 'confidence',
          y1: 'confidence',
          y2: 'accuracy',
          stroke: 'var(--accent)',
          strokeWidth: 2,
        }),
        Plot.dot(filled, {
          x: 'confidence',
          y: 'accuracy',
          r: 'count',
          fill: 'var(--accent)',
          fillOpacity: 0.75,
          stroke: 'var(--ground)',
        }),
      ],
    },
    caption: html`<strong>${name}</strong> ${key('dot', 'a bin; the larger, the more labels')} ${key('dashes', 'as confident as right', 'muted')}`,
  });
}

function bins({ bins: all }: Reliability, name: string): Html {
  return table({
    caption: name,
    columns: [
      { head: 'Confidence' },
      { head: 'Labels', numeric: true },
      { head: 'Mean confidence', numeric: true },
      { head: 'Named rightly', numeric: true },
    ],
    rows: all
      .filter((bin) => bin.count > 0)
      .map((bin) => [
        `${percentTicks(bin.low)}–${percentTicks(bin.high)}`,
        count(Math.round(bin.count)),
        percent(bin.confidence),
        percent(bin.accuracy),
      ]),
  });
}
