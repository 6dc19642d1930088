import { auditResult, auditThreshold } from './confidence/audit_bound.ts';
import type { CheckedLabel } from './files/audit_csv.ts';
import type { ImageLabel } from './image_label.ts';
import { countClasses, countStatuses, reviewQueue } from './report/compose.ts';
import type { Report, ReportImage } from './report/report.ts';
import { auditWarning, refusalWarning } from './report/warnings.ts';

/** What a checked sample changes. */
export interface TakenAudit {
  /** The run's labels, with the checked ones as given. */
  readonly labels: readonly ImageLabel[];
  /** The run's report, with what the audit says. */
  readonly report: Report;
  /** Least confidence of automatic labels from now on; null where the sample promises the target at none. */
  readonly threshold: number | null;
}

/** labels.csv holds six decimals of a confidence. */
const rounding = 5e-7;

/** Least confidence of the labels that the audit sample was drawn from; null where nothing was automatic. */
export function auditedFrom({ auditSample, riskCoverage }: Report): number | null {
  return auditSample?.drawnAt ?? riskCoverage?.chosen?.threshold ?? null;
}

/**
 * Whether the audit sample was drawn from a label, among others, that is not given: it is automatic, or was until an
 * earlier return of a part of the sample.
 */
export function wasAutomatic(report: Report, { status, confidence }: ImageLabel): boolean {
  const demoted = report.auditSample !== null && status === 'review';
  return status === 'auto' || (demoted && confidence >= auditedFrom(report)! - rounding);
}

/**
 * Takes a checked sample of the automatic labels back: what was checked is given from now on, also in copies of it, the
 * bound rests on the sample, and where it does not keep the target the threshold rises until it does. A sample can
 * be returned bit by bit: each time all that was checked so far decides. Nothing is trained.
 * @param images number in the source of each label's image
 * @param checked all of the sample that is checked so far
 * @param drawnAt least confidence of the labels that the sample was drawn from
 * @param target largest error allowed among automatic labels
 */
export function takeAudit(
  report: Report,
  labels: readonly ImageLabel[],
  images: Int32Array,
  checked: readonly CheckedLabel[],
  drawnAt: number,
  target: number,
): TakenAudit {
  const current = drawnAt - rounding;
  const least = auditThreshold(checked, target, current);
  const raisedTo = least !== null && least > current ? least : null;
  const checkedLabel = new Map(checked.map((row) => [row.path, row.checked]));
  const population = labels.filter((label) => checkedLabel.has(label.path) || wasAutomatic(report, label));
  const changed = labels.map((label): ImageLabel => {
    const certain = { confidence: 1, margin: 1, runnerUp: '' };
    const given = checkedLabel.get(label.path);
    if (given !== undefined)
      return { ...label, ...certain, label: given, status: 'given', nearestLabelled: '' };
    const original = label.status === 'duplicate' ? checkedLabel.get(label.nearestLabelled) : undefined;
    // As sure as the person was of the image that it repeats.
    if (original !== undefined && original !== label.label) return { ...label, ...certain, label: original };
    if (!wasAutomatic(report, label)) return label;
    return { ...label, status: least !== null && label.confidence >= least ? 'auto' : 'review' };
  });
  const auditSample = { ...auditResult(checked), population: population.length, drawnAt, raisedTo };
  return {
    labels: changed,
    report: {
      ...withLabels(report, changed, images),
      auditSample,
      riskCoverage: renewedChoice(report.riskCoverage, least === null ? null : drawnAt),
      warnings: renewedWarnings(report.warnings, target, least === null),
    },
    threshold: least === null ? null : (raisedTo ?? drawnAt),
  };
}

/** The choice that the given labels led to, where something is automatic. */
function renewedChoice(risk: Report['riskCoverage'], drawnAt: number | null): Report['riskCoverage'] {
  if (!risk) return risk;
  return { ...risk, chosen: risk.points.find(({ threshold }) => threshold === drawnAt) ?? null };
}

/** Without what the return has done with, and with what it has found. */
function renewedWarnings(warnings: readonly string[], target: number, withdrawn: boolean): string[] {
  const refusal = refusalWarning(target);
  const others = warnings.filter((warning) => warning !== auditWarning && warning !== refusal);
  return withdrawn ? [refusal, ...others] : others;
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
  return {
    ...report,
    counts: countStatuses(labels),
    classes: countClasses(labels, [...names]),
    map: report.map.map(renewMap),
    gallery: report.gallery.map(({ name, mostCertain, leastCertain }) => ({
      name,
      mostCertain: renewAll(mostCertain),
      leastCertain: renewAll(leastCertain),
    })),
    queue: reviewQueue(labels, images),
  };
}
