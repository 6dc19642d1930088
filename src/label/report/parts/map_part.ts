import * as Plot from '@observablehq/plot';
import type { Status } from '../../../data/labels/status.ts';
import { note, type Part, paragraph, type View } from '../elements.ts';
import { count, percent } from '../format.ts';
import { className, type Html, html, isolated } from '../html.ts';
import { drawing, figure } from '../plots.ts';
import type { MapPoint } from '../report.ts';

/** Classes take turns in so many colours and symbols; the two counts share no divisor, so 70 classes differ. */
const colours = 10;
const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'cross', 'wye'] as const;
const mostInLegend = 40;
const width = 912;
const height = 600;

interface Layer {
  readonly status: Status;
  /** In words, for the legend. */
  readonly name: string;
  readonly r: number;
  /** Opacity of the fill; 0 leaves an outline in the class's colour. */
  readonly fill: number;
  /** Around the fill. */
  readonly outline?: number;
}

/** How each status is drawn, from the back to the front. */
const layers: readonly Layer[] = [
  { status: 'review', name: 'for review: faint', r: 3.2, fill: 0.45 },
  { status: 'duplicate', name: 'duplicate: small', r: 1.8, fill: 0.7 },
  { status: 'auto', name: 'automatic: full', r: 3.4, fill: 0.9 },
  { status: 'outlier', name: 'outlier: hollow', r: 3.6, fill: 0 },
  { status: 'given', name: 'given: large, outlined', r: 5.5, fill: 1, outline: 1.5 },
];

/** Part 8: the images laid out by how alike their features are. */
export function mapPart(view: View): Part {
  const { shown } = view;
  return {
    id: 'map',
    title: 'Map of the images',
    body:
      shown.map.length < 2
        ? note('There are too few images for a map.')
        : [
            paragraph(
              html`${count(shown.map.length)} of the images, laid out by UMAP so that images with similar features lie close; directions and the distances between groups mean nothing. A faint point among points of another colour is worth a look. <span class="scripted">Point at an image to see it.</span>`,
            ),
            map(view),
          ],
  };
}

function map({ shown, sprites, report }: View): Html {
  const numbers = new Map(report.classes.map(({ name }, at) => [name, at]));
  const numberOf = (point: MapPoint) => numbers.get(point.label) ?? 0;
  const drawn = layers
    .map((layer) => ({ ...layer, points: shown.map.filter(({ status }) => status === layer.status) }))
    .filter(({ points }) => points.length > 0);
  const plot = figure({
    label: `Map of ${shown.map.length} images; their numbers by class and status are in part 2`,
    plot: {
      width,
      height,
      margin: 10,
      x: { axis: null },
      y: { axis: null },
      color: { type: 'identity' },
      symbol: { type: 'identity' },
      marks: drawn.map(({ points, status, r, fill, outline }) =>
        Plot.dot(points, {
          x: 'x',
          y: 'y',
          r,
          symbol: (point: MapPoint) => symbolOf(numberOf(point)),
          [fill > 0 ? 'fill' : 'stroke']: (point: MapPoint) => colourOf(numberOf(point)),
          ...(fill > 0 && { fillOpacity: fill }),
          ...(outline && { stroke: 'var(--text)', strokeWidth: outline }),
          title: tip,
          className: `points ${status}`,
        }),
      ),
    },
    caption: html`<ul class="legend">${drawn.map((layer) => html`<li>${layerSign(layer)}${layer.name}</li>`)}</ul>
${legend(report.classes)}`,
    finish: (svg) => {
      for (const { points, status } of drawn) {
        const shapes = svg.querySelector(`g.points.${status}`)!.children;
        points.forEach((point, at) => {
          const place = sprites.place(point.image);
          if (place) shapes[at]!.setAttribute('data-place', `${place.sheet} ${place.x} ${place.y}`);
        });
      }
    },
  });
  return html`<div class="map">${plot}<div class="tip" hidden><span></span><p></p></div></div>
`;
}

const colourOf = (number: number): string => `var(--c${number % colours})`;
const symbolOf = (number: number) => symbols[number % symbols.length]!;

const statusNames: Readonly<Record<Status, string>> = {
  given: 'given',
  auto: 'automatic',
  review: 'for review',
  outlier: 'outlier',
  duplicate: 'duplicate',
};

function tip({ label, status, confidence, path }: MapPoint): string {
  const sure = status === 'given' ? '' : `, ${percent(confidence)}`;
  return `${isolated(label, 40)} (${statusNames[status]}${sure})\n${isolated(path, 120, 'path')}`;
}

/** A grey example of how a status is drawn. */
function layerSign({ r, fill, outline }: Layer): Html {
  const stroke = outline ? 'var(--text)' : fill > 0 ? 'none' : 'var(--muted)';
  return html`<svg class="sign" viewBox="-7 -7 14 14" aria-hidden="true"><circle r="${r}" fill="var(--muted)" fill-opacity="${fill}" stroke="${stroke}" stroke-width="1.5"/></svg>`;
}

function legend(classes: View['report']['classes']): Html {
  const rest = classes.length - mostInLegend;
  const shapes = symbolPaths();
  return html`<ul class="legend">${classes
    .slice(0, mostInLegend)
    .map(
      ({ name }, at) =>
        html`<li><svg class="sign" viewBox="-6 -6 12 12" aria-hidden="true"><path d="${shapes[at % shapes.length]!}" fill="${colourOf(at)}"/></svg>${className(name)}</li>`,
    )}${rest > 0 ? html`<li>and ${count(rest)} more, in the same order of colours and shapes</li>` : null}</ul>`;
}

/** The outlines of the symbols, as the plots draw them. */
function symbolPaths(): string[] {
  const svg = drawing({
    symbol: { type: 'identity' },
    marks: [Plot.dot(symbols, { x: 0, y: 0, r: 4.5, symbol: (name: string) => name })],
  });
  return [...svg.querySelectorAll('[aria-label="dot"] path')].map((path) => path.getAttribute('d')!);
}
