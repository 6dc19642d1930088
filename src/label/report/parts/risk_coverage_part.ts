import * as Plot from '@observablehq/plot';
import { binomialBound } from '../../../numerics/binomial_bound.ts';
import { auditLimit } from '../../confidence/audit_bound.ts';
import type { RiskCoverage, RiskCoveragePoint } from '../../confidence/risk_coverage.ts';
import { beside, note, type Part, paragraph, table, type View } from '../elements.ts';
import { bounded, count, counted, percent, plainPercent, range, thinned } from '../format.ts';
import { type Content, type Html, html } from '../html.ts';
import { figure, key, percentTicks } from '../plots.ts';
import { auditMeaning } from '../promise.ts';
import type { AuditResult, HiddenTruth, Report } from '../report.ts';
import { auditErrors, classCounts } from './audit_tables.ts';
import { flip } from './summary_part.ts';

const tableRows = 12;

/** Part 6: which error was promised, from which confidence on, and what checks of it found. */
export function riskCoveragePart({ report }: View): Part {
  const { riskCoverage, hiddenTruth, auditSample } = report;
  return {
    id: 'threshold',
    title: 'Error against coverage',
    body: [
      riskCoverage
        ? body(riskCoverage, report)
        : note('There were too few given labels to test a threshold on: nothing was labelled automatically.'),
      checked(hiddenTruth, auditSample),
      auditSample && auditErrors(auditSample),
      classCounts(report),
      limits(riskCoverage?.target ?? 0.05),
    ],
  };
}

function body(risk: RiskCoverage, report: Report): Content {
  const { auditSample: audit, groups } = report;
  const { target, chosen } = risk;
  const aim = plainPercent(target);
  const when = audit ? 'were automatic before the check' : 'are automatic';
  const outcome = chosen
    ? html`Labels of a confidence of at least <strong>${percent(chosen.threshold)}</strong> ${when}: ${counted(chosen.auto, 'image')}, while ${count(chosen.queued)} ${audit ? 'went' : 'go'} to review. On given labels, out of fold, that threshold accepts ${count(chosen.accepted)} ${groups ? 'groups, and of ' : 'and '}${count(chosen.errors)} of them ${groups ? 'an image is' : 'are'} wrong.`
    : audit
      ? html`The audit withdrew it: ${auditMeaning(audit)}.`
      : html`${refusal(report)} Nothing is labelled automatically, and every predicted label waits for review.`;
  return [
    paragraph(
      html`The error allowed among automatic labels is ${aim}. The threshold is the lowest confidence from which on the error can be promised, with 95% confidence, to be at most that. ${outcome} ${audit ? null : html`<strong>Provisional:</strong> this speaks of images like the labelled ones; whether the others are like them only an audit can tell.`}`,
    ),
    risk.points.length > 1 ? beside(curve(risk), thresholds(risk)) : thresholds(risk),
    note(
      `${groups ? 'Groups of images that belong together count once: wrong are those of which an accepted image is wrong, and the error is the mean over groups or the share among images, whichever is larger. ' : ''}The bound in the table is for its threshold alone. Choosing the best of many thresholds asks for more, so a row whose bound just meets the target need not be the chosen one. Where classes were labelled unevenly, shares are weighted by the predicted shares of the classes.`,
    ),
  ];
}

/** Why no threshold was chosen. */
function refusal({ groups, order, likeness, limitedClasses, unnamed }: Report): string {
  if (order?.dependent)
    return 'The given labels are not independent of one another (see the first warning), so they can promise nothing of other images.';
  if (likeness?.apart || limitedClasses)
    return 'The given labels do not stand for the other images (see the first warning), so they can promise nothing of these.';
  if (unnamed?.withheld)
    return 'There seem to be more images of classes that nobody named among them than may be wrong (see the first warning).';
  const help = groups ? 'Labels of more groups' : 'More given labels';
  return `No threshold can promise that. ${help} are what helps most.`;
}

function curve({ points, target, chosen }: RiskCoverage): Html {
  const shown = thinned(points, 200);
  const worst = Math.max(...shown.map(({ error }) => error));
  const top = Math.min(1, Math.max(3 * target, 1.3 * worst, 0.05));
  return figure({
    label: `Error and its 95% bound against coverage, with the target of ${plainPercent(target)}; the figures are in the table`,
    plot: {
      height: 300,
      marginLeft: 44,
      marginRight: 16,
      marginTop: 24,
      marginBottom: 40,
      x: { domain: [0, 1], label: 'share labelled automatically', tickFormat: percentTicks, ticks: 5 },
      y: { domain: [0, top], label: 'wrong among them', tickFormat: fineTicks(top), ticks: 5, grid: true },
      marks: [
        Plot.ruleY([target], { stroke: 'var(--alarm)', strokeWidth: 1.5 }),
        Plot.line(shown, {
          x: 'coverage',
          // Few checks bound nothing: what lies above the plot is left out.
          y: ({ bound }: RiskCoveragePoint) => (bound <= top ? bound : NaN),
          stroke: 'var(--muted)',
          strokeDasharray: '4 3',
        }),
        Plot.line(shown, { x: 'coverage', y: 'error', stroke: 'var(--accent)', strokeWidth: 2 }),
        ...(chosen
          ? [
              Plot.ruleX([chosen], { x: 'coverage', stroke: 'var(--accent)', strokeDasharray: '1 3' }),
              Plot.dot([chosen], {
                x: 'coverage',
                y: 'error',
                r: 5,
                fill: 'var(--accent)',
                stroke: 'var(--ground)',
              }),
            ]
          : []),
      ],
    },
    caption: html`${key('line', 'error')} ${key('dashes', '95% bound', 'muted')} ${key('line', `target ${plainPercent(target)}`, 'alarm')}${
      chosen ? html` ${key('dot', 'chosen')}` : null
    }`,
  });
}

const fineTicks = (top: number) => (share: number) => (top < 0.05 ? percent(share) : plainPercent(share));

function thresholds({ points, chosen }: RiskCoverage): Html {
  const rows = [...thinned(points, tableRows)];
  const same = (threshold: number) => rows.findIndex((row) => row.threshold === threshold);
  if (chosen && same(chosen.threshold) < 0) {
    rows.push(chosen);
    rows.sort((a, b) => b.threshold - a.threshold);
  }
  return table({
    caption: 'Thresholds, strictest first. Bound: with 95% confidence at most this share is wrong',
    columns: [
      { head: 'From confidence' },
      { head: 'Coverage', numeric: true },
      { head: 'Wrong', numeric: true },
      { head: 'Error', numeric: true },
      { head: 'Bound', numeric: true },
      { head: 'Automatic', numeric: true },
      { head: 'Review', numeric: true },
    ],
    rows: rows.map((row) => [
      percent(row.threshold),
      percent(row.coverage),
      `${count(row.errors)} of ${count(row.accepted)}`,
      percent(row.error),
      bounded(row.bound),
      count(row.auto),
      count(row.queued),
    ]),
    marked: chosen ? same(chosen.threshold) : -1,
  });
}

function checked(hiddenTruth: HiddenTruth | null, audit: AuditResult | null): Content {
  const auto = hiddenTruth?.auto;
  if (!auto && !audit) return null;
  return table({
    caption: 'The automatic labels themselves, checked',
    columns: [
      { head: 'By' },
      { head: 'Checked', numeric: true },
      { head: 'Wrong', numeric: true },
      { head: 'What it says' },
    ],
    rows: [
      ...(auto
        ? [
            [
              'Hidden truth',
              count(auto.count),
              `${count(Math.round((1 - auto.accuracy) * auto.count))} (${percent(1 - auto.accuracy)})`,
              `the error's 95% interval is ${range(flip(auto.interval))}`,
            ],
          ]
        : []),
      ...(audit
        ? [
            [
              'A person, on a random sample',
              `${count(audit.checked)}${audit.leftOut > 0 ? ` and ${count(audit.leftOut)} left out` : ''}`,
              `${count(audit.errors + audit.leftOut)} (${percent((audit.errors + audit.leftOut) / Math.max(1, audit.checked + audit.leftOut))})`,
              `${auditMeaning(audit)}.`,
            ],
          ]
        : []),
    ],
  });
}

/** What so many checks can promise. */
function limits(target: number): Content {
  const sizes = [20, 50, 100, 150, 299];
  const row = (name: string, bound: (size: number) => number) => [
    name,
    ...sizes.map((size) => reached(bound(size), target)),
  ];
  return [
    html`<h3>What a number of checks can promise</h3>
`,
    paragraph(
      'However good the predictions are, few checks promise little. To tighten the bound, label more, or check audit.csv from the top, as many rows as you like and as often as you like, and give it back: the bound holds at all returns at once. Rows that are passed over count as wrong.',
    ),
    table({
      caption: 'Least error that can be promised with 95% confidence, by the number of checks',
      columns: [{ head: 'Checks' }, ...sizes.map((size) => ({ head: count(size), numeric: true }))],
      rows: [
        row('Given labels, none wrong', (size) => binomialBound(0, size)),
        row('An audit, none wrong', (size) => auditLimit(0, size)),
        row('An audit, one wrong', (size) => auditLimit(1, size)),
        row('An audit, three wrong', (size) => auditLimit(3, size)),
      ],
    }),
  ];
}

function reached(bound: number, target: number): Html {
  return bound <= target ? html`<strong>${bounded(bound)}</strong>` : html`${bounded(bound)}`;
}
