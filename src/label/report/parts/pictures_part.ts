import { type Part, paragraph, table, type View } from '../elements.ts';
import { count, percent } from '../format.ts';
import { type Content, className, clip, type Html, html, pathName } from '../html.ts';
import type { ReportImage } from '../report.ts';
import type { Sprites } from '../sprites.ts';
import { listed } from './data_part.ts';

/** Part 9: the surest and least sure of each class, and suspected errors among the given labels. */
export function picturesPart(view: View): Part {
  const { shown, sprites, report } = view;
  const galleries = shown.gallery.filter(
    ({ mostCertain, leastCertain }) => mostCertain.length + leastCertain.length > 0,
  );
  // Several classes beside each other where each has few pictures.
  const compact = galleries.every(({ mostCertain }) => mostCertain.length <= 2);
  return {
    id: 'gallery',
    title: 'Pictures of each class',
    body: [
      paragraph(
        'Predicted labels with their confidence. Look along a row: a picture that does not belong there, above all on the left, says that the class is not understood.',
      ),
      galleries.length === 0
        ? paragraph('No label was predicted.')
        : html`<div class="gallery${compact ? ' compact' : ''}">
${galleries.map(
  ({ name, mostCertain, leastCertain }) => html`<div class="class">
<h3>${className(name)}</h3>
<div class="pair"><div><p>most certain</p>${strip(mostCertain, sprites)}</div><div><p>least certain</p>${strip(leastCertain, sprites)}</div></div>
</div>
`,
)}</div>
`,
      report.gallery.length > shown.gallery.length
        ? paragraph(`The first ${count(shown.gallery.length)} of ${count(report.gallery.length)} classes.`)
        : null,
      suspects(view),
    ],
  };
}

/** Thumbnails in a row, each with its confidence; the path as tip and for screen readers. */
function strip(images: readonly ReportImage[], sprites: Sprites): Content {
  if (images.length === 0) return html`<p class="none">none</p>`;
  return html`<ul class="pictures">${images.map(
    ({ image, path, confidence }) =>
      html`<li title="${clip(path, 240, 'path')}">${sprites.picture(image)}<span>${percent(confidence)}</span><span class="hidden">${clip(path, 80, 'path')}</span></li>`,
  )}</ul>`;
}

function suspects({ shown, sprites, report }: View): Content {
  const heading = html`<h3>Suspected errors among the given labels</h3>
`;
  if (shown.suspects.length === 0)
    return [heading, paragraph('None: no other label speaks clearly against a given one.')];
  return [
    heading,
    paragraph(
      'Given labels that the other given labels speak against. They are kept as they are; a person should look whether they are slips.',
    ),
    table({
      caption: listed('Most suspicious first', shown.suspects.length, report.suspectCount),
      columns: [
        { head: 'Image' },
        { head: html`<span class="hidden">Picture</span>` },
        { head: 'Given' },
        { head: 'Chance', numeric: true },
        { head: 'Suggested' },
        { head: 'Chance', numeric: true },
      ],
      rows: shown.suspects.map((suspect) => [
        pathName(suspect.path),
        sprites.picture(suspect.image),
        className(suspect.given),
        percent(suspect.givenProbability),
        className(suspect.suggested),
        percent(suspect.suggestedProbability),
      ]),
    }),
  ];
}

/** Part 10: what waits for a person. */
export function workPart({ shown, sprites, report }: View): Part {
  const { review } = report.counts;
  return {
    id: 'next',
    title: 'Review, and what to label next',
    body: [
      html`<h3>Waiting for review</h3>
`,
      review === 0
        ? paragraph('Nothing waits for review.')
        : [
            paragraph(
              html`${listed('Least certain first', shown.queue.length, review)}; labels.csv marks all of them. The second class is the one next in line; pictures carry the path of the most similar labelled image as their tip.`,
            ),
            html`<ul class="cards">
${shown.queue.map(
  (image) => html`<li>${card(image, sprites)}</li>
`,
)}</ul>
`,
          ],
      html`<h3>To label next</h3>
`,
      shown.next.length === 0
        ? paragraph('Nothing is left to label.')
        : [
            paragraph('The labels that would help most, best first; next.csv holds the whole list.'),
            html`<ol class="cards">
${shown.next.map(
  ({
    image,
    path,
    reason,
  }) => html`<li>${sprites.picture(image)}<div><p>${pathName(path)}</p><p>${clip(reason, 160)}</p></div></li>
`,
)}</ol>
`,
          ],
    ],
  };
}

function card(
  { image, path, label, confidence, runnerUp, nearestLabelled }: ReportImage,
  sprites: Sprites,
): Html {
  const near = nearestLabelled === '' ? null : html` title="most like ${clip(nearestLabelled, 200, 'path')}"`;
  return html`<div${near}>${sprites.picture(image)}</div><div><p>${pathName(path)}</p><p><strong>${className(label)}</strong> ${percent(confidence)}${
    runnerUp === '' ? null : html`, else ${className(runnerUp)}`
  }</p></div>`;
}
