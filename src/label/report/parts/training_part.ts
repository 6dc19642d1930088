import * as Plot from '@observablehq/plot';
import { columns, details, note, type Part, paragraph, table, type View } from '../elements.ts';
import { counted, figure as digits, percent, thinned } from '../format.ts';
import { type Html, html } from '../html.ts';
import { figure, key, pairedWidth, percentTicks } from '../plots.ts';
import type { Report } from '../report.ts';

type Epoch = Report['training'][number];

const mostPoints = 400;
const mostRows = 12;

export function trainingPart({ report }: View): Part {
  const { training } = report;
  return {
    id: 'training',
    title: 'Training of the encoder',
    body:
      training.length === 0
        ? note('The encoder was given: nothing was trained before the labels.')
        : body(training),
  };
}

function body(training: Report['training']) {
  const last = training.at(-1)!;
  const neighbours =
    last.knnAccuracy === null
      ? ''
      : ` By their nearest neighbours alone, ${percent(last.knnAccuracy)} of labelled images would be named rightly.`;
  return [
    paragraph(
      html`The encoder learned from ${counted(training.length, 'epoch')} without any label, by telling two altered views of an image from views of others. At the end its loss was ${digits(last.loss)}, where pure chance gives ${digits(last.chanceLoss)}.${neighbours} A collapsed encoder, whose features are all alike, shows as a standard deviation near 0 and an effective rank near 1: here they are ${digits(last.featureStd)} and ${digits(last.effectiveRank)}.`,
    ),
    columns(...curves(training)),
    details('The figures of the curves', epochs(training)),
  ];
}

function curves(training: Report['training']): Html[] {
  const shown = thinned(training, mostPoints);
  const withNeighbours = training.some((epoch) => epoch.knnAccuracy !== null);
  return [
    lines('Loss', shown, [
      { of: (epoch) => epoch.loss, name: 'loss' },
      { of: (epoch) => epoch.chanceLoss, name: 'chance', dashed: true },
    ]),
    lines(
      'Named rightly',
      shown,
      [
        { of: (epoch) => epoch.contrastiveTop1, name: 'the other view found first' },
        ...(withNeighbours
          ? [{ of: (epoch: Epoch) => epoch.knnAccuracy, name: 'nearest neighbours', dashed: true }]
          : []),
      ],
      percentTicks,
    ),
    lines('Standard deviation of the features', shown, [
      { of: (epoch) => epoch.featureStd, name: 'feature standard deviation' },
    ]),
    lines('Effective rank of the features', shown, [
      { of: (epoch) => epoch.effectiveRank, name: 'effective rank' },
      { of: () => 1, name: 'collapsed', dashed: true },
    ]),
  ];
}

interface Curve {
  readonly of: (epoch: Epoch) => number | null;
  readonly name: string;
  readonly dashed?: boolean;
}

function lines(
  title: string,
  epochs: readonly Epoch[],
  drawn: readonly Curve[],
  tickFormat?: (value: number) => string,
): Html {
  const values = drawn.flatMap(({ of }) => epochs.map(of)).filter((value) => value !== null);
  const top = Math.max(...values.filter(Number.isFinite), 1e-6);
  return figure({
    label: `${title} by epoch: from ${digits(drawn[0]!.of(epochs[0]!) ?? 0)} to ${digits(drawn[0]!.of(epochs.at(-1)!) ?? 0)}`,
    plot: {
      width: pairedWidth,
      height: 220,
      marginLeft: 44,
      marginRight: 16,
      marginTop: 12,
      marginBottom: 36,
      x: {
        label: 'epoch',
        ticks: 5,
        tickFormat: (epoch: number) => (Number.isInteger(epoch) ? `${epoch}` : ''),
      },
      y: {
        domain: [0, tickFormat ? Math.min(1, 1.1 * top) : 1.1 * top],
        label: null,
        ticks: 4,
        grid: true,
        ...(tickFormat && { tickFormat }),
      },
      marks: drawn.flatMap(({ of, dashed }) => {
        const options = {
          x: (epoch: Epoch) => epoch.epoch,
          y: of,
          stroke: dashed ? 'var(--muted)' : 'var(--accent)',
        };
        // One epoch makes no line.
        if (epochs.length === 1) return [Plot.dot(epochs, { ...options, r: 4 })];
        return [Plot.line(epochs, { ...options, strokeWidth: 2, ...(dashed && { strokeDasharray: '4 3' }) })];
      }),
    },
    caption: html`${drawn.map(({ name, dashed }) => html`${key(dashed ? 'dashes' : 'line', name, dashed ? 'muted' : 'accent')} `)}`,
  });
}

function epochs(training: Report['training']): Html {
  return table({
    caption: 'Epochs of the training, evenly spaced',
    columns: [
      { head: 'Epoch' },
      { head: 'Loss', numeric: true },
      { head: 'Chance', numeric: true },
      { head: 'View found', numeric: true },
      { head: 'Feature std', numeric: true },
      { head: 'Effective rank', numeric: true },
      { head: 'Neighbours', numeric: true },
    ],
    rows: thinned(training, mostRows).map((epoch) => [
      String(epoch.epoch),
      digits(epoch.loss),
      digits(epoch.chanceLoss),
      percent(epoch.contrastiveTop1),
      digits(epoch.featureStd),
      digits(epoch.effectiveRank),
      epoch.knnAccuracy === null ? '–' : percent(epoch.knnAccuracy),
    ]),
  });
}
