import { note, paragraph } from '../elements.ts';
import { accuracyText } from '../estimates.ts';
import { count, counted, percent, range } from '../format.ts';
import { type Content, type Html, html, userText } from '../html.ts';
import { promiseText } from '../promise.ts';
import type { Report } from '../report.ts';

/** What a person should know after ten seconds. */
export function summary(report: Report): Html {
  const { counts } = report;
  return html`<div class="totals">
${total('auto', counts.auto, 'labelled automatically', promiseText(report))}
${total('review', counts.review, 'wait for review', 'predicted, but not surely enough: a person should look')}
${total('given', counts.given, 'given', 'labelled by a person, kept as they are')}
</div>
${shares(report)}
${method(report)}
${checks(report)}
${
  report.warnings.length === 0
    ? null
    : html`<div class="warnings">
<h2>Before you trust these labels</h2>
<ul>
${report.warnings.map(
  (warning) => html`<li>${warning}</li>
`,
)}</ul>
</div>
`
}`;
}

function total(kind: string, value: number, name: string, meaning: Content): Html {
  return html`<div class="total ${kind}"><p><strong>${count(value)}</strong> ${name}</p><p>${meaning}</p></div>`;
}

const names = {
  auto: 'automatic',
  review: 'for review',
  given: 'given',
  duplicate: 'duplicates',
  outlier: 'outliers',
} as const;
const order = ['auto', 'review', 'given', 'duplicate', 'outlier'] as const;

/** One bar of all images by status, with its figures in words. */
function shares({ counts }: Report): Html {
  const all = order.reduce((sum, status) => sum + counts[status], 0);
  const present = order.filter((status) => counts[status] > 0);
  return html`<div class="shares" aria-hidden="true">${present.map(
    (status) => html`<span class="${status}" style="flex-grow:${counts[status]}"></span>`,
  )}</div>
<ul class="legend">${present.map(
    (status) =>
      html`<li><i class="${status}"></i>${count(counts[status])} ${names[status]} (${percent(counts[status] / all)})</li>`,
  )}</ul>
`;
}

function method(report: Report): Html {
  const { comparison, outOfFold } = report;
  const chosen = comparison.rows.find((row) => row.chosen);
  const name = html`<strong>${userText(chosen?.method ?? 'one method', 80)}</strong>`;
  if (!outOfFold) {
    return paragraph(
      html`The labels come from ${name}. There were too few given labels to test it on: nothing here says how often it is right.`,
    );
  }
  return paragraph(
    html`The labels come from ${name}. Tested on given labels that it had not seen, it named ${percent(outOfFold.accuracy)} of ${counted(outOfFold.count, 'image')} rightly, before any was held back for review. ${accuracyText(report)}`,
  );
}

/** What is known of the labels from outside: hidden truth, a returned audit. */
function checks({ hiddenTruth, auditSample }: Report): Content {
  const auto = hiddenTruth?.auto;
  return [
    hiddenTruth
      ? paragraph(
          auto
            ? html`Checked against labels that were hidden from training: ${percent(1 - auto.accuracy)} of ${counted(auto.count, 'automatic label')} are wrong (95% interval ${range(flip(auto.interval))}).`
            : html`Checked against labels that were hidden from training: ${percent(hiddenTruth.all.accuracy)} of all predictions are right.`,
        )
      : null,
    auditSample && auditSample.earlierAudits > 0
      ? note(
          `${counted(auditSample.earlierAudits, 'earlier audit')} of this run came back before its labels changed. So that trying again finds no better promise, this one is held to a stricter level.`,
        )
      : null,
  ];
}

/** The interval of the error from that of the accuracy. */
export function flip([low, high]: readonly [number, number]): [number, number] {
  return [1 - high, 1 - low];
}
