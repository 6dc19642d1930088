import type { View } from './elements.ts';
import { clip, Html, html, userText } from './html.ts';
import { picturedImages, shownOf } from './limits.ts';
import { calibrationPart } from './parts/calibration_part.ts';
import { classesPart } from './parts/classes_part.ts';
import { comparisonPart } from './parts/comparison_part.ts';
import { dataPart } from './parts/data_part.ts';
import { mapPart } from './parts/map_part.ts';
import { picturesPart, workPart } from './parts/pictures_part.ts';
import { provenancePart } from './parts/provenance_part.ts';
import { riskCoveragePart } from './parts/risk_coverage_part.ts';
import { scoresPart } from './parts/scores_part.ts';
import { summary } from './parts/summary_part.ts';
import { trainingPart } from './parts/training_part.ts';
import { unlikePart } from './parts/unlike_part.ts';
import type { Report } from './report.ts';
import { script } from './script.ts';
import { makeSprites, type PictureSource } from './sprites.ts';
import { style } from './style.ts';

export type { PictureSource } from './sprites.ts';

/** The twelve parts, in their order. */
const parts = [
  dataPart,
  classesPart,
  comparisonPart,
  scoresPart,
  calibrationPart,
  riskCoveragePart,
  trainingPart,
  mapPart,
  picturesPart,
  unlikePart,
  workPart,
  provenancePart,
] as const;

/**
 * The report as one self-contained HTML page: it fetches nothing, reads without a script, and stays under 10 MB for any
 * number of images and classes. The same report and pictures give the same bytes.
 */
export async function renderReport(report: Report, pictures: PictureSource): Promise<string> {
  const shown = shownOf(report);
  const sprites = await makeSprites(picturedImages(shown), pictures);
  const view: View = { report, shown, sprites };
  const made = parts.map((part) => part(view));
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${await sha256(script)}'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Labels: ${clip(report.title, 100)}</title>
<style>
${new Html(style)}${sprites.style}</style>
</head>
<body>
<a class="skip" href="#data">Skip to the parts</a>
<header>
<p class="product">kindred: report on labels</p>
<h1>${userText(report.title, 100)}</h1>
</header>
<nav aria-label="Parts of the report">
<ol>
${made.map(
  ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>
`,
)}</ol>
</nav>
<main>
<section aria-label="Summary">
${summary(report)}</section>
${made.map(
  ({ id, title, body }, at) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title"><span class="number">${at + 1}</span> ${title}</h2>
${body}</section>
`,
)}</main>
<script>${new Html(script)}</script>
</body>
</html>
`.text;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
