import { type Content, type Html, html } from './html.ts';
import type { Shown } from './limits.ts';
import type { Report } from './report.ts';
import type { Sprites } from './sprites.ts';

/** What every part of the page is made from. */
export interface View {
  /** What the page shows. */
  readonly report: Report;
  /** The images that the page shows pictures of. */
  readonly shown: Shown;
  /** The pictures themselves. */
  readonly sprites: Sprites;
}

/** One of the page's numbered parts. */
export interface Part {
  /** The part's anchor in the page. */
  readonly id: string;
  /** The part's heading. */
  readonly title: string;
  /** What stands below the heading. */
  readonly body: Content;
}

/** A column of a table. */
export interface Column {
  /** The column's heading. */
  readonly head: Content;
  /** Aligned to the right, digits below digits. */
  readonly numeric?: boolean;
}

/** What a table shows. */
export interface TableOptions {
  /** What the table shows, above it. */
  readonly caption: Content;
  /** The columns from left to right. */
  readonly columns: readonly Column[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly Content[])[];
  /** The row to point out. */
  readonly marked?: number;
}

/** A table that scrolls on its own where it is wider than the page. */
export function table({ caption, columns, rows, marked }: TableOptions): Html {
  const kind = (at: number) => (columns[at]!.numeric ? 'numeric' : 'text');
  return html`<div class="scroll" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ head }, at) => html`<th scope="col" class="${kind(at)}">${head}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ([head, ...cells], row) =>
    html`<tr${row === marked ? html` class="marked"` : null}><th scope="row" class="${kind(0)}">${head!}</th>${cells.map(
      (cell, at) => html`<td class="${kind(at + 1)}">${cell}</td>`,
    )}</tr>
`,
)}</tbody>
</table></div>
`;
}

/** A list that opens at a click, for what only some readers want. */
export function details(summary: Content, body: Content): Html {
  return html`<details><summary>${summary}</summary>
${body}</details>
`;
}

/** A paragraph that says how to read what stands beside it. */
export function note(text: Content): Html {
  return html`<p class="note">${text}</p>
`;
}

/** A paragraph of running text. */
export function paragraph(text: Content): Html {
  return html`<p>${text}</p>
`;
}

/** Blocks side by side where there is room. */
export function columns(...blocks: readonly Html[]): Html {
  return html`<div class="columns">
${blocks.map((block) => html`<div>${block}</div>\n`)}</div>
`;
}

/** A plot and the table of its figures, which takes the wider part. */
export function beside(plot: Html, figures: Html): Html {
  return html`<div class="columns beside">
<div>${plot}</div>
<div>${figures}</div>
</div>
`;
}

/** A share as a bar that stands behind its figure. */
export function bar(share: number): Html {
  return html`<span class="bar" style="--share:${Math.round(1000 * share) / 10}%"></span>`;
}
