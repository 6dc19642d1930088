import * as Plot from '@observablehq/plot';
import type { Html } from '../report/html.ts';
import { figure, pairedWidth, percentTicks } from '../report/plots.ts';
import type { Panel, PanelCurve } from './panels.ts';
import { pointRank } from './panels.ts';

const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross'] as const;
/** Colours of the page's style. */
const colours = 10;

/** How an encoder is drawn, in all figures alike. @param at its place among the compared */
const look = (at: number) => ({
  colour: `var(--c${at % colours})`,
  symbol: symbols[at % symbols.length]!,
});

/** Accuracy by labels a class, a line an encoder, with its intervals. */
export function curvesFigure({ title, curves, points }: Panel): Html {
  const drawn = curves.flatMap((curve, order) =>
    curve.points.map((point) => ({
      ...look(curve.at),
      curve,
      // Side by side, so that no interval hides another.
      x: pointRank(point, points) + 0.05 * (order - (curves.length - 1) / 2),
      y: point.accuracy.mean,
      low: Math.max(0, point.accuracy.interval[0]),
      high: Math.min(1, point.accuracy.interval[1]),
    })),
  );
  const values = drawn.flatMap(({ low, high }) => [low, high]);
  const [bottom, top] = [Math.min(...values), Math.max(...values)];
  return figure({
    label: `${title}: share of held-out images named rightly by labels a class, for ${curves.length} encoders with 95% intervals; the figures are in the table`,
    plot: {
      width: pairedWidth,
      height: 300,
      marginLeft: 44,
      marginRight: 16,
      marginTop: 12,
      marginBottom: 38,
      x: {
        domain: [-0.3, points.length - 0.7],
        ticks: points.map((_, at) => at),
        tickFormat: (at: number) => (points[at] === null ? 'all' : String(points[at])),
        label: 'labels a class',
      },
      y: {
        domain: [Math.max(0, bottom - 0.03), Math.min(1, top + 0.03)],
        tickFormat: percentTicks,
        ticks: 5,
        grid: true,
        label: null,
      },
      color: { type: 'identity' },
      symbol: { type: 'identity' },
      marks: [
        Plot.ruleX(drawn, { x: 'x', y1: 'low', y2: 'high', stroke: 'colour', strokeOpacity: 0.6 }),
        Plot.line(drawn, {
          x: 'x',
          y: 'y',
          z: (d: (typeof drawn)[number]) => d.curve.at,
          stroke: 'colour',
          strokeWidth: 1.75,
        }),
        Plot.dot(drawn, {
          x: 'x',
          y: 'y',
          fill: 'colour',
          symbol: 'symbol',
          r: 4.5,
          stroke: 'var(--ground)',
        }),
      ],
    },
    caption: title,
  });
}

/** Which sign and colour is which encoder's. */
export function legendFigure(curves: readonly Pick<PanelCurve, 'at' | 'title'>[]): Html {
  const drawn = curves.map((curve, row) => ({ ...look(curve.at), title: curve.title, row }));
  return figure({
    label: `Signs of ${drawn.map(({ title }) => title).join(', ')}`,
    plot: {
      width: pairedWidth,
      height: 24 * drawn.length + 12,
      marginLeft: 8,
      marginTop: 6,
      marginBottom: 6,
      x: { domain: [0, 10], axis: null },
      y: { domain: [-0.5, drawn.length - 0.5], reverse: true, axis: null },
      color: { type: 'identity' },
      symbol: { type: 'identity' },
      marks: [
        Plot.dot(drawn, { x: () => 0.2, y: 'row', fill: 'colour', symbol: 'symbol', r: 5 }),
        Plot.text(drawn, {
          x: () => 0.6,
          y: 'row',
          text: 'title',
          textAnchor: 'start',
          fill: 'var(--text)',
          fontSize: 13,
        }),
      ],
    },
    caption: 'The signs of the curves; vertical lines are 95% intervals',
  });
}
