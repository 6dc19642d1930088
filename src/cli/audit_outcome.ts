import type { AuditOutcome } from '../app/jobs/return_audit.ts';
import { percent } from '../app/percent.ts';
import { terminal } from '../platform/node_terminal.ts';

/** Prints what a returned audit says of the automatic labels. */
export function printAudit(outcome: AuditOutcome): void {
  const { report, threshold, checked, checkedBefore, unchecked, target, folder, files } = outcome;
  const { auditSample, counts } = report;
  const before = checkedBefore > 0 ? ` (${checkedBefore} of them given back before)` : '';
  terminal.print(
    `audit: ${checked} automatic labels checked${before}, ${auditSample!.errors} wrong; ${unchecked} rows of the file are not checked`,
  );
  if (unchecked > 0) {
    terminal.print(
      'what follows holds if these were not left out for what they show: check rows from the top',
    );
  }
  if (threshold === null) {
    terminal.print(
      `the sample does not promise ${percent(target)}: nothing is automatic any more, ${counts.review} wait for review`,
    );
  } else if (auditSample!.raisedTo !== null) {
    terminal.print(
      `with 95% confidence at most ${percent(target)} of the automatic labels from confidence ${threshold.toFixed(3)} on were wrong before the check: this is the threshold now, ${counts.auto} are left`,
    );
  } else {
    terminal.print(
      `with 95% confidence at most ${percent(auditSample!.bound)} of the ${auditSample!.population} automatic labels that the sample was drawn from were wrong before the check; ${counts.auto} are left`,
    );
  }
  terminal.note(`saved in ${folder}: ${files.join(', ')}`);
}
