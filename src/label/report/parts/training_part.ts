import * as Plot from '@observablehq/plot';
import type { Curve, CurveLine } from '../../../pretext/method.ts';
import type {
  EpochFigures,
  MetricRecord,
  TrainingPictures,
  TrainingRecord,
} from '../../../pretext/training_record.ts';
import { columns, details, note, type Part, paragraph, table, type View } from '../elements.ts';
import { counted, figure as digits, percent, thinned } from '../format.ts';
import { type Content, type Html, html, userText } from '../html.ts';
import { figure, key, pairedWidth, percentTicks } from '../plots.ts';

const mostPoints = 400;
const mostRows = 12;

/** The pretext run: its settings, losses and figures by epoch. */
export function trainingPart({ report }: View): Part {
  const { training } = report;
  return {
    id: 'training',
    title: 'Training of the encoder',
    body: training
      ? trainingBody(training)
      : note('The encoder was given: nothing was trained before the labels.'),
  };
}

/** How an encoder learned, in words, curves and figures. */
export function trainingBody(training: TrainingRecord): Html[] {
  const { epochs, title, reference, startedFrom, learning, learnedFromLabels, metrics, curves } = training;
  const labels = learnedFromLabels ? 'with the given labels' : 'without any label';
  return [
    paragraph(
      html`The encoder ${startedFrom === undefined ? '' : html`went on from ${userText(startedFrom, 60)} and `}learned from ${counted(epochs.length, 'epoch')} ${labels}, by ${learning} (${title}: ${reference}). ${lastFigures(training)}`,
    ),
    ...(training.pictures ? [drawn(training.pictures)] : []),
    columns(...curves.flatMap((curve) => plotOf(curve, thinned(epochs, mostPoints)))),
    ...metrics.map((metric) => paragraph(meaningOf(metric, epochs.at(-1)!))),
    details('The figures of the curves', epochTable(training)),
  ];
}

/** Some images, what the encoder saw of them and what it made of that. */
function drawn({ rows, png }: TrainingPictures): Html {
  const said = `From the top: ${rows.join('; ')}.`;
  // Base64 has no character that ends an attribute.
  return html`<figure><img class="drawn" alt="Some of the images. ${said}" src="data:image/png;base64,${png}">
<figcaption>${said} All at the end of the last epoch.</figcaption></figure>
`;
}

/** What the last epoch's figures say of every method, as far as it has them. */
function lastFigures({ epochs, learnedFromLabels }: TrainingRecord): Content[] {
  const { loss, chanceLoss, knnAccuracy, featureStd, effectiveRank } = epochs.at(-1)!;
  const chance = isKnown(chanceLoss) ? `, where pure chance gives ${digits(chanceLoss)}` : '';
  const sentences = [`At the end its loss was ${digits(loss)}${chance}.`];
  if (isKnown(knnAccuracy)) {
    const caution = learnedFromLabels ? ', which checks little: the encoder learned from these labels' : '';
    sentences.push(
      `By their nearest neighbours alone, ${percent(knnAccuracy)} of labelled images would be named rightly${caution}.`,
    );
  }
  if (isKnown(featureStd) && isKnown(effectiveRank))
    sentences.push(
      `A collapsed encoder, whose features are all alike, shows as a standard deviation near 0 and an effective rank near 1: here they are ${digits(featureStd)} and ${digits(effectiveRank)}.`,
    );
  return [sentences.join(' ')];
}

function meaningOf({ name, label, unit, chance, meaning }: MetricRecord, last: EpochFigures): Html {
  const written = (value: number) => writtenIn(unit, value);
  const value = last[name];
  const end = isKnown(value) ? ` At the end it was ${written(value)}` : '';
  const guess = end && chance !== null ? `, where pure chance gives ${written(chance)}` : '';
  return html`<b>${capitalised(label)}:</b> ${meaning}.${end}${guess}${end ? '.' : ''}`;
}

const isKnown = (value: number | null | undefined): value is number => typeof value === 'number';
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const writtenIn = (unit: MetricRecord['unit'], value: number): string =>
  unit === 'share' ? percent(value) : digits(value);

const figureOf = ({ of }: CurveLine, epoch: EpochFigures): number | null =>
  typeof of === 'number' ? of : (epoch[of] ?? null);

/** The plot of a curve; nothing where no epoch has a figure of it. */
function plotOf({ title, unit, lines }: Curve, epochs: readonly EpochFigures[]): Html[] {
  const drawn = lines.filter((line) => epochs.some((epoch) => figureOf(line, epoch) !== null));
  const [first] = drawn;
  if (!first || drawn.every(({ of }) => typeof of === 'number')) return [];
  const values = drawn
    .flatMap((line) => epochs.map((epoch) => figureOf(line, epoch)))
    .filter((value) => value !== null);
  const top = Math.max(...values, 1e-6);
  const ends = [epochs[0]!, epochs.at(-1)!].map((epoch) => digits(figureOf(first, epoch) ?? 0));
  const plot = figure({
    label: `${title} by epoch: from ${ends[0]} to ${ends[1]}`,
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
        domain: [0, unit === 'share' ? Math.min(1, 1.1 * top) : 1.1 * top],
        label: null,
        ticks: 4,
        grid: true,
        ...(unit === 'share' && { tickFormat: percentTicks }),
      },
      marks: drawn.flatMap((line) => marksOf(line, epochs)),
    },
    caption: html`${drawn.map(({ name, dashed }) => html`${key(dashed ? 'dashes' : 'line', name, dashed ? 'muted' : 'accent')} `)}`,
  });
  return [plot];
}

function marksOf(line: CurveLine, epochs: readonly EpochFigures[]) {
  const options = {
    x: ({ epoch }: EpochFigures) => epoch,
    y: (epoch: EpochFigures) => figureOf(line, epoch),
    stroke: line.dashed ? 'var(--muted)' : 'var(--accent)',
  };
  // One epoch makes no line.
  if (epochs.length === 1) return [Plot.dot(epochs, { ...options, r: 4 })];
  return [Plot.line(epochs, { ...options, strokeWidth: 2, ...(line.dashed && { strokeDasharray: '4 3' }) })];
}

/** Figures that every method has, with what people call them in a table; those that no epoch has are left out. */
const commonColumns = {
  before: [
    { name: 'loss', label: 'loss', unit: null },
    { name: 'chanceLoss', label: 'chance', unit: null },
  ],
  behind: [
    { name: 'featureStd', label: 'feature std', unit: null },
    { name: 'effectiveRank', label: 'effective rank', unit: null },
    { name: 'knnAccuracy', label: 'neighbours', unit: 'share' },
  ],
} as const;

function epochTable({ epochs, metrics }: TrainingRecord): Html {
  const shown = thinned(epochs, mostRows);
  const figures = [...commonColumns.before, ...metrics, ...commonColumns.behind];
  const known = figures.filter(({ name }) => shown.some((epoch) => isKnown(epoch[name])));
  return table({
    caption: 'Epochs of the training, evenly spaced',
    columns: [{ head: 'Epoch' }, ...known.map(({ label }) => ({ head: capitalised(label), numeric: true }))],
    rows: shown.map((epoch) => [
      String(epoch.epoch),
      ...known.map(({ name, unit }) => {
        const value = epoch[name];
        return isKnown(value) ? writtenIn(unit, value) : '–';
      }),
    ]),
  });
}
