import { countClasses, countStatuses, reviewQueue } from './build_report.ts';
import { auditResult, auditThreshold } from './confidence/audit_sample.ts';
import type { CheckedLabel } from './files/audit_csv.ts';
import type { ImageLabel } from './image_label.ts';
import type { Report, ReportImage } from './report.ts';

/** What a checked sample changes. */
export interface AuditReturn {
  readonly labels: readonly ImageLabel[];
  readonly report: Report;
  /** Least confidence of automatic labels from now on; null where the sample promises the target at none. */
  readonly threshold: number | null;
}

/**
 * Takes a checked sample of the automatic labels back: what was checked is given from now on, the bound rests on the
 * sample, and where it no longer keeps the target the threshold rises until it does. Nothing is trained.
 * @param images number in the source of each label's image
 * @param current least confidence of the automatic labels until now
 * @param target largest error allowed among automatic labels
 */
export function takeAudit(
  report: Report,
  labels: readonly ImageLabel[],
  images: Int32Array,
  checked: readonly CheckedLabel[],
  current: number,
  target: number,
): AuditReturn {
  const threshold = auditThreshold(checked, target, current);
  const checkedLabel = new Map(checked.map((row) => [row.path, row.checked]));
  const changed = labels.map((label): ImageLabel => {
    const given = checkedLabel.get(label.path);
    if (given !== undefined) {
      const certain = { confidence: 1, margin: 1, runnerUp: '', nearestLabelled: '' };
      return { ...label, ...certain, label: given, status: 'given' };
    }
    const stays = label.status !== 'auto' || (threshold !== null && label.confidence >= threshold);
    return stays ? label : { ...label, status: 'review' };
  });
  const counted = checked.filter(({ confidence }) => threshold !== null && confidence >= threshold);
  return { labels: changed, report: withLabels(report, changed, images, auditResult(counted)), threshold };
}

/** The report with other labels for the same images. */
function withLabels(
  report: Report,
  labels: readonly ImageLabel[],
  images: Int32Array,
  audit: Report['auditSample'],
): Report {
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
    auditSample: audit,
    map: report.map.map(renewMap),
    gallery: report.gallery.map(({ name, mostCertain, leastCertain }) => ({
      name,
      mostCertain: renewAll(mostCertain),
      leastCertain: renewAll(leastCertain),
    })),
    queue: reviewQueue(labels, images),
  };
}
