import type { Part } from './elements.ts';
import { type Content, Html, html } from './html.ts';
import { style } from './style.ts';

/** What a page is made of. */
export interface Page {
  /** What kind of page it is, above the heading. */
  readonly product: string;
  /** What the browser's tab says. */
  readonly tab: string;
  /** The page's heading. */
  readonly heading: Content;
  /** What stands before the parts. */
  readonly summary: Content;
  /** The numbered parts. */
  readonly parts: readonly Part[];
  /** Style beside the one that all pages have. */
  readonly style?: Html;
  /** Holds no data; without it the page runs none. */
  readonly script?: string;
}

/** One self-contained HTML page, whose own policy forbids to fetch anything or to run another script. */
export async function renderPage(page: Page): Promise<string> {
  const { product, tab, heading, summary, parts, script } = page;
  const runs = script === undefined ? '' : `; script-src 'sha256-${await sha256(script)}'`;
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'${runs}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${tab}</title>
<style>
${new Html(style)}${page.style ?? null}</style>
</head>
<body>
<a class="skip" href="#${parts[0]!.id}">Skip to the parts</a>
<header>
<p class="product">${product}</p>
<h1>${heading}</h1>
</header>
<nav aria-label="Parts of the report">
<ol>
${parts.map(
  ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>
`,
)}</ol>
</nav>
<main>
<section aria-label="Summary">
${summary}</section>
${parts.map(
  ({ id, title, body }, at) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title"><span class="number">${at + 1}</span> ${title}</h2>
${body}</section>
`,
)}</main>
${
  script === undefined
    ? null
    : html`<script>${new Html(script)}</script>
`
}</body>
</html>
`.text;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
