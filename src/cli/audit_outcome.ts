import type { AuditOutcome } from '../app/jobs/return_audit.ts';
import { estimateText } from '../label/report/format.ts';
import { promiseText } from '../label/report/promise.ts';
import { terminal } from '../platform/node_terminal.ts';

/** Classes whose counts the terminal shows; the report has them all. */
const mostClasses = 10;

/** Prints what a returned audit says of the automatic labels. */
export function printAudit(outcome: AuditOutcome): void {
  for (const line of auditLines(outcome)) terminal.print(line);
  terminal.note(`saved in ${outcome.folder}: ${outcome.files.join(', ')}`);
}

/** What a returned audit says: what came back and what was left out, the promise, and the classes' counts. */
export function* auditLines({
  report,
  checked,
  checkedBefore,
}: Pick<AuditOutcome, 'report' | 'checked' | 'checkedBefore'>): Generator<string> {
  const { auditSample, counts } = report;
  if (!auditSample) return;
  const { leftOut, earlierAudits, classCounts, population } = auditSample;
  const before = checkedBefore > 0 ? ` (${checkedBefore} of them given back before)` : '';
  yield `audit: ${checked} rows of the file are filled in${before}`;
  if (leftOut > 0)
    yield `left out: ${leftOut} rows above the last one filled in count as wrong until they are checked`;
  if (earlierAudits > 0)
    yield `earlier audits of the run: ${earlierAudits}; so that trying again finds no better promise, this one is held to a stricter level`;
  yield promiseText(report);
  yield `labels: ${counts.auto} automatic, ${counts.review} wait for review, ${counts.given} given`;
  if (classCounts.length === 0) return;
  const shown = classCounts
    .slice(0, mostClasses)
    .map(({ name, corrected }) => `${name} ${estimateText(corrected)}`);
  const rest = classCounts.length > shown.length ? ', … (report.html has all)' : '';
  const others = classCounts.reduce((sum, { notCovered }) => sum + notCovered, 0);
  yield `images by class among the ${population} labels that were automatic (95%): ${shown.join(', ')}${rest}; ${others} other predicted labels are not covered`;
}
