import { bounded, count, counted, percent, plainPercent } from './format.ts';
import type { AuditResult, LabelPromise, Report } from './report.ts';

/** What a report's figures promise. */
export function promiseOf({
  riskCoverage,
  auditSample,
}: Pick<Report, 'riskCoverage' | 'auditSample'>): LabelPromise {
  const kept = riskCoverage?.chosen != null;
  const state = auditSample ? 'audited' : kept ? 'provisional' : 'none';
  return { state, target: riskCoverage?.target ?? null, kept };
}

/** What is promised of the automatic labels, in words for the terminal and the page; a clause without a full stop. */
export function promiseText({ riskCoverage, auditSample }: Report): string {
  if (!riskCoverage) return 'too few given labels to promise anything';
  if (auditSample) return `audited: ${auditFigures(auditSample)}; ${auditMeaning(auditSample)}`;
  const target = plainPercent(riskCoverage.target);
  return riskCoverage.chosen
    ? `provisional: with 95% confidence at most ${target} of them are wrong, if these images are like the labelled ones; only a check of audit.csv can tell`
    : `an error of at most ${target} cannot be promised`;
}

/** How many labels an audit has checked, what it found and what was left out; a clause without a full stop. */
export function auditFigures({ checked, errors, leftOut }: AuditResult): string {
  const gaps = leftOut > 0 ? `, ${count(leftOut)} left out above the last one and counted as wrong` : '';
  return `${counted(checked, 'automatic label')} drawn at random checked, ${count(errors)} wrong${gaps}`;
}

/** What an audit says of the automatic labels, those that were checked among them; a clause without a full stop. */
export function auditMeaning({ bound, population, raisedTo, target, kept }: AuditResult): string {
  const aim = plainPercent(target);
  const of = `of the ${count(population)} automatic labels that they were drawn from were wrong before the check`;
  if (!kept)
    return `with 95% confidence at most ${bounded(bound)} ${of}; that does not keep the target of ${aim}: nothing is automatic any more`;
  return raisedTo === null
    ? `with 95% confidence at most ${bounded(bound)} ${of}; the target of ${aim} is kept`
    : `the threshold was raised to ${percent(raisedTo)}: with 95% confidence at most ${aim} of the automatic labels from there on were wrong before the check`;
}
