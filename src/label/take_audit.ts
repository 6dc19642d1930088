import { noneOfTheseText } from '../data/labels/none_of_these.ts';
import { type AuditDraw, isAuditable, rounding } from './audit_draw.ts';
import { auditBound, auditChance, auditThreshold } from './confidence/audit_bound.ts';
import {
  type AnsweredLabel,
  classEstimates,
  errorsByClass,
  errorsByConfidence,
  isWrong,
} from './confidence/audit_shares.ts';
import type { AuditAnswers } from './files/audit_csv.ts';
import type { ImageLabel } from './image_label.ts';
import type { UnnamedFound } from './novelty/unnamed_found.ts';
import { countClasses, countNoneOfThese, countStatuses, reviewQueue } from './report/compose.ts';
import { promiseOf } from './report/promise.ts';
import type { AuditResult, Report, ReportImage } from './report/report.ts';
import { auditWarning, leftOutWarning, refusalWarning } from './report/warnings/warnings.ts';

/** What a checked sample changes. */
export interface TakenAudit {
  /** The run's labels, with the checked ones as given. */
  readonly labels: readonly ImageLabel[];
  /** The run's report, with what the audit says. */
  readonly report: Report;
  /** Least confidence of automatic labels from now on; null where the sample promises the target at none. */
  readonly threshold: number | null;
}

/** What an audit is held to. */
export interface AuditTerms {
  /** Largest error allowed among automatic labels, 0 … 1. */
  readonly target: number;
  /** Least confidence of an automatic label when the sample was drawn (see `auditedFrom`). */
  readonly drawnAt: number;
  /** Audits of the run before its labels changed. */
  readonly earlier: number;
}

/** Least confidence of the labels that the audit sample was drawn from; null where nothing is to be audited. */
export function auditedFrom({ auditSample, riskCoverage }: Report): number | null {
  return auditSample?.drawnAt ?? (riskCoverage?.chosen ?? riskCoverage?.withheld)?.threshold ?? null;
}

/**
 * The part of a sample that counts: up to the last row that is filled in, as any first part of a random order is a random
 * sample. Rows above it that were left out belong to it. A group of which only the first rows are filled in is not done.
 */
export function doneRows({ rows }: AuditDraw, answers: AuditAnswers): AnsweredLabel[] {
  let end = answers.findLastIndex((answer) => answer !== null) + 1;
  const unfinished = rows[end]?.group;
  while (end > 0 && rows[end - 1]!.group === unfinished) end--;
  return rows.slice(0, end).map((row, at) => ({ ...row, answer: answers[at] ?? null }));
}

/**
 * What an audit says of the automatic labels that it was drawn from.
 * @param outside labels that it was not drawn from
 */
export function auditResult(
  draw: AuditDraw,
  answers: AuditAnswers,
  outside: readonly Pick<ImageLabel, 'label' | 'status'>[],
  { target, drawnAt, earlier }: AuditTerms,
): AuditResult {
  const done = doneRows(draw, answers);
  const rows = done.map((row) => ({ ...row, wrong: isWrong(row) }));
  const chance = auditChance(earlier);
  const { population, thresholds } = draw;
  const least = auditThreshold(rows, thresholds, target, chance);
  const leftOut = done.filter(({ answer }) => answer === null).length;
  return {
    checked: done.length - leftOut,
    leftOut,
    errors: done.filter((row) => row.answer !== null && isWrong(row)).length,
    bound: auditBound(rows, population, chance),
    target,
    kept: least !== null,
    population,
    drawnAt,
    raisedTo: least !== null && least > thresholds[0]!.threshold ? least : null,
    earlierAudits: earlier,
    byClass: errorsByClass(done, draw),
    byConfidence: errorsByConfidence(done),
    classCounts: done.length > 0 ? classEstimates(done, draw, outside) : [],
  };
}

/**
 * Takes a checked sample of the automatic labels back: what was checked is given from now on, also in copies of it, the
 * bound rests on the sample, and where it does not keep the target the threshold rises until it does. A sample can
 * be returned bit by bit: each time all that was checked so far decides. Nothing is trained.
 * @param labels as the run gave them, or as an earlier return of the same sample left them
 * @param images number in the source of each label's image
 * @param answers all of the sample that is checked so far
 */
export function takeAudit(
  report: Report,
  labels: readonly ImageLabel[],
  images: Int32Array,
  draw: AuditDraw,
  answers: AuditAnswers,
  terms: AuditTerms,
): TakenAudit {
  const { drawnAt, target } = terms;
  const checked = new Map(
    draw.rows.flatMap(({ path }, at) => (answers[at] == null ? [] : [[path, answers[at]!]])),
  );
  const waiting = report.auditSample !== null || report.riskCoverage?.withheld !== undefined;
  const wasDrawnFrom = (label: ImageLabel) => isAuditable(label, waiting ? drawnAt : null);
  const outside = labels.filter((label) => !checked.has(label.path) && !wasDrawnFrom(label));
  const auditSample = auditResult(draw, answers, outside, terms);
  const { kept, raisedTo, leftOut } = auditSample;
  const threshold = kept ? (raisedTo ?? drawnAt) : null;
  const changed = labels.map((label): ImageLabel => {
    const certain = { confidence: 1, margin: 1, runnerUp: '' };
    const given = checked.get(label.path);
    if (given !== undefined)
      return { ...label, ...certain, label: given, status: 'given', nearestLabelled: '' };
    const original = label.status === 'duplicate' ? checked.get(label.nearestLabelled) : undefined;
    // As sure as the person was of the image that it repeats.
    if (original !== undefined && original !== label.label) return { ...label, ...certain, label: original };
    if (!wasDrawnFrom(label)) return label;
    const stays = threshold !== null && label.confidence >= threshold - rounding;
    return { ...label, status: stays ? 'auto' : 'review' };
  });
  const riskCoverage = renewedChoice(report.riskCoverage, kept ? drawnAt : null);
  return {
    labels: changed,
    report: {
      ...withLabels(report, changed, images),
      auditSample,
      riskCoverage,
      promise: promiseOf({ riskCoverage, auditSample }),
      warnings: renewedWarnings(report, target, kept, leftOut),
    },
    threshold,
  };
}

/** The choice that the given labels led to, where something is automatic. */
function renewedChoice(risk: Report['riskCoverage'], drawnAt: number | null): Report['riskCoverage'] {
  if (!risk) return risk;
  return { ...risk, chosen: risk.points.find(({ threshold }) => threshold === drawnAt) ?? null };
}

/** Without what the return has done with, and with what it has found. */
function renewedWarnings(report: Report, target: number, kept: boolean, leftOut: number): string[] {
  const refusal = refusalWarning(target);
  const before = leftOutWarning(report.auditSample?.leftOut ?? 0);
  const others = report.warnings.filter((warning) => ![auditWarning, refusal, before].includes(warning));
  return [...(kept ? [] : [refusal]), ...(leftOut > 0 ? [leftOutWarning(leftOut)] : []), ...others];
}

/** The images most unlike the labelled ones with other labels. */
function renewUnnamed(
  found: UnnamedFound,
  renew: <T extends { readonly path: string }>(image: T) => T,
): UnnamedFound {
  const groups = found.groups.map((group) => ({ ...group, shown: group.shown.map(renew) }));
  return { ...found, unlike: found.unlike.map(renew), groups };
}

/** The report with other labels for the same images. */
function withLabels(report: Report, labels: readonly ImageLabel[], images: Int32Array): Report {
  const labelOf = new Map(labels.map((label) => [label.path, label]));
  const renew = <T extends { readonly path: string }>(image: T): T => ({
    ...image,
    ...labelOf.get(image.path)!,
  });
  const renewMap = (point: Report['map'][number]) => {
    const { label, status, confidence } = labelOf.get(point.path)!;
    return { ...point, label, status, confidence };
  };
  const renewAll = (images: readonly ReportImage[]) => images.map(renew);
  const names = new Set([...report.classes.map(({ name }) => name), ...labels.map(({ label }) => label)]);
  names.delete(noneOfTheseText);
  return {
    ...report,
    counts: countStatuses(labels),
    classes: countClasses(labels, [...names]),
    ...countNoneOfThese(labels),
    ...(report.unnamed && { unnamed: renewUnnamed(report.unnamed, renew) }),
    map: report.map.map(renewMap),
    gallery: report.gallery.map(({ name, mostCertain, leastCertain }) => ({
      name,
      mostCertain: renewAll(mostCertain),
      leastCertain: renewAll(leastCertain),
    })),
    queue: reviewQueue(labels, images),
  };
}
