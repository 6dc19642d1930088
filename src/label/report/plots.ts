import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Content, Html, html } from './html.ts';

const { document } = parseHTML('<!doctype html><html></html>');

/** Width of a plot that fits a telephone unscaled, in CSS pixels. */
const plotWidth = 360;
/** Width of a plot that stands beside another. */
export const pairedWidth = 432;

/** A plot with its words. */
export interface Figure {
  /** What Observable Plot draws. */
  readonly plot: Plot.PlotOptions;
  /** What the plot shows, for those who do not see it. */
  readonly label: string;
  /** What stands below the plot. */
  readonly caption: Content;
  /** Changes the finished drawing. */
  readonly finish?: (svg: Element) => void;
}

/**
 * A plot as SVG without a script, an identifier or a colour of its own: colours are the page's variables, so they follow
 * its light and dark schemes.
 */
export function figure({ plot, label, caption, finish }: Figure): Html {
  const svg = drawing(plot);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  finish?.(svg);
  return html`<figure>${new Html(svg.outerHTML)}
<figcaption>${caption}</figcaption></figure>
`;
}

/** A plot's SVG, with coordinates to a hundredth of a pixel. */
export function drawing(plot: Plot.PlotOptions): Element {
  const svg = Plot.plot({ document, className: 'plot', width: plotWidth, ...plot });
  // The page's own style says what this one would, once.
  svg.querySelector('style')?.remove();
  roundCoordinates(svg);
  return svg;
}

const coordinates = [
  'd',
  'transform',
  'points',
  'x',
  'y',
  'x1',
  'x2',
  'y1',
  'y2',
  'cx',
  'cy',
  'width',
  'height',
];

/** A hundredth of a pixel is enough, and what a processor rounds differently never shows. */
function roundCoordinates(svg: Element): void {
  for (const element of svg.querySelectorAll('*')) {
    for (const name of coordinates) {
      const value = element.getAttribute(name);
      const rounded = value?.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, (number) =>
        String(Number(Number(number).toFixed(2))),
      );
      if (rounded !== undefined && rounded !== value) element.setAttribute(name, rounded);
    }
  }
}

/** 25% for 0.25: ticks of an axis of shares. */
export const percentTicks = (share: number): string => `${Math.round(100 * share)}%`;

/** A legend's key: how something is drawn, and what it is. */
export function key(
  shape: 'dot' | 'square' | 'line' | 'dashes' | 'ring',
  name: Content,
  colour = 'accent',
): Html {
  return html`<span class="key"><i class="${shape} ${colour}"></i>${name}</span>`;
}
