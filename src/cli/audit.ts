import { platform } from '#platform';
import { UserError } from '../errors.ts';
import { type AuditReturn, auditedFrom, takeAudit, wasAutomatic } from '../label/audit_return.ts';
import { type CheckedLabel, readAudit } from '../label/files/audit_csv.ts';
import { writeLabels, writeReport } from '../label/files/run_files.ts';
import type { Report } from '../label/report/report.ts';
import { terminal } from '../platform/node_terminal.ts';
import { readStoredRun } from './run_folder.ts';
import { openRunImages, readRunLabels } from './run_labels.ts';
import { writing } from './session.ts';
import { percent } from './training.ts';

/** Takes a checked audit.csv back into its run (see `takeAudit`). */
export async function returnAudit(run: string, file: string, data: string | undefined): Promise<void> {
  const { files } = platform;
  if ((await files.stat(file))?.kind !== 'file')
    throw new UserError(
      `--audit ${file} is no file: give the audit.csv of the run, with checked_label filled in`,
    );
  const { options, settings } = await readStoredRun(run);
  const labels = await readRunLabels(run);
  const report = await readReport(run);
  const drawnAt = auditedFrom(report);
  if (drawnAt === null || !report.riskCoverage)
    throw new UserError(`--run ${run} labelled nothing automatically: there is nothing to audit`);
  const text = new TextDecoder().decode(await files.read(file));
  const { checked, unchecked } = readAudit(text, labels, file, (label) => wasAutomatic(report, label));
  const spec = data ?? options.data;
  const stream = await openRunImages({ ...options, data: spec }, settings.imageSize);
  const numberOf = new Map(stream.paths.map((path, image) => [path, image]));
  const images = Int32Array.from(labels, ({ path }) => {
    const image = numberOf.get(path);
    if (image === undefined)
      throw new UserError(`${spec} no longer holds ${path}: give --data as the run had it`);
    return image;
  });
  const { target } = report.riskCoverage;
  const result = takeAudit(report, labels, images, checked, drawnAt, target);
  await writing(run, async () => {
    await writeLabels({ files, folder: run }, result.labels);
    await writeReport({ files, folder: run }, stream, result.report);
  });
  printOutcome(result, checked, unchecked, target);
  terminal.note(`saved in ${run}: labels.csv, given.csv, report.json, report.html`);
}

function printOutcome(
  { report, threshold }: AuditReturn,
  checked: readonly CheckedLabel[],
  unchecked: number,
  target: number,
): void {
  const { auditSample, counts } = report;
  const earlier = checked.filter((row) => row.earlier).length;
  const before = earlier > 0 ? ` (${earlier} of them given back before)` : '';
  terminal.print(
    `audit: ${checked.length} automatic labels checked${before}, ${auditSample!.errors} wrong; ${unchecked} rows of the file are not checked`,
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
}

async function readReport(run: string): Promise<Report> {
  const { files } = platform;
  const path = files.join(run, 'report.json');
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError(`--run ${run} holds no report.json: name the folder of a run that has labelled`);
  try {
    return JSON.parse(new TextDecoder().decode(await files.read(path))) as Report;
  } catch {
    throw new UserError(`${path} is damaged: label the run again`);
  }
}
