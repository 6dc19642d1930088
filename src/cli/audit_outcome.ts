import type { AuditOutcome } from '../app/jobs/return_audit.ts';
import { estimateText } from '../label/report/format.ts';
import { promiseText } from '../label/report/promise.ts';
import { terminal } from '../platform/node_terminal.ts';

/** Classes whose counts the terminal shows; the report has them all. */
const mostClasses = 10;

/** Prints what a returned audit says of the automatic labels. */
export function printAudit({ report, checked, checkedBefore, folder, files }: AuditOutcome): void {
  const { auditSample, counts } = report;
  const before = checkedBefore > 0 ? ` (${checkedBefore} of them given back before)` : '';
  terminal.print(`audit: ${checked} rows of the file are filled in${before}`);
  if (auditSample!.leftOut > 0) {
    terminal.print(
      `left out: ${auditSample!.leftOut} rows above the last one filled in count as wrong until they are checked`,
    );
  }
  terminal.print(promiseText(report));
  terminal.print(`labels: ${counts.auto} automatic, ${counts.review} wait for review, ${counts.given} given`);
  const { classCounts, population } = auditSample!;
  if (classCounts.length > 0) {
    const shown = classCounts.slice(0, mostClasses);
    const rest = classCounts.length > shown.length ? ', … (report.html has all)' : '';
    const others = classCounts.reduce((sum, { notCovered }) => sum + notCovered, 0);
    terminal.print(
      `images by class among the ${population} labels that were automatic (95%): ${shown.map((each) => `${each.name} ${estimateText(each.corrected)}`).join(', ')}${rest}; ${others} other predicted labels are not covered`,
    );
  }
  terminal.note(`saved in ${folder}: ${files.join(', ')}`);
}
