import { platform } from '#platform';
import { UserError } from '../errors.ts';
import { takeAudit } from '../label/audit_return.ts';
import { readAudit } from '../label/files/audit_csv.ts';
import { writeLabels, writeReport } from '../label/files/run_files.ts';
import type { Report } from '../label/report.ts';
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
  const { riskCoverage } = report;
  if (!riskCoverage?.chosen)
    throw new UserError(`--run ${run} labelled nothing automatically: there is nothing to audit`);
  const checked = readAudit(new TextDecoder().decode(await files.read(file)), labels, file);
  const spec = data ?? options.data;
  const stream = await openRunImages({ ...options, data: spec }, settings.imageSize);
  const numberOf = new Map(stream.paths.map((path, image) => [path, image]));
  const images = Int32Array.from(labels, ({ path }) => {
    const image = numberOf.get(path);
    if (image === undefined)
      throw new UserError(`${spec} no longer holds ${path}: give --data as the run had it`);
    return image;
  });
  const { target, chosen } = riskCoverage;
  // labels.csv holds six decimals of a confidence.
  const current = chosen.threshold - 5e-7;
  const result = takeAudit(report, labels, images, checked, current, target);
  await writing(run, async () => {
    await writeLabels({ files, folder: run }, result.labels);
    await writeReport({ files, folder: run }, stream, result.report);
  });
  const { auditSample, counts } = result.report;
  const wrong = checked.filter(({ correct }) => !correct).length;
  terminal.print(`audit: ${checked.length} automatic labels checked, ${wrong} wrong`);
  if (result.threshold === null) {
    terminal.print(
      `the sample does not promise ${percent(target)}: nothing is automatic any more, ${counts.review} wait for review`,
    );
  } else {
    const raised = result.threshold > current ? `, at the new threshold ${result.threshold.toFixed(3)}` : '';
    terminal.print(
      `with 95% confidence at most ${percent(auditSample!.bound)} of the ${counts.auto} automatic labels left are wrong${raised}`,
    );
  }
  terminal.note(`saved in ${run}: labels.csv, given.csv, report.json, report.html`);
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
