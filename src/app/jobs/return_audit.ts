import { named, sentence, UserError } from '../../errors.ts';
import { readAudit } from '../../label/files/audit_csv.ts';
import { writeLabels, writeReport } from '../../label/files/run_files.ts';
import type { Report } from '../../label/report/report.ts';
import { auditedFrom, type TakenAudit, takeAudit, wasAutomatic } from '../../label/take_audit.ts';
import { openRunImages, readRunLabels } from '../inputs/run_labels.ts';
import type { JobContext } from '../reporter.ts';
import { readConfig } from '../run/config.ts';
import { lockRun, writing } from '../run/folder.ts';
import { type AuditSettings, auditSettings } from '../settings/jobs.ts';
import { resolveSettings } from '../settings/resolve.ts';

/** What a returned audit came to. */
export interface AuditOutcome extends TakenAudit {
  /** The run's folder. */
  readonly folder: string;
  /** Names of the files that were written anew there. */
  readonly files: readonly string[];
  /** Rows of the file that are checked. */
  readonly checked: number;
  /** How many of the checked rows had been given back before. */
  readonly checkedBefore: number;
  /** Rows of the file whose `checked_label` is empty. */
  readonly unchecked: number;
  /** The error that the run promises at most, a share. */
  readonly target: number;
}

/**
 * Takes a checked audit.csv back into its run (see `takeAudit`): renews the bound and the labels, trains nothing.
 * @throws UserError for a file that is no audit of the run, with nothing written
 */
export async function returnAudit(given: AuditSettings, context: JobContext): Promise<AuditOutcome> {
  const { files } = context;
  const { run, audit: file, data } = resolveSettings(auditSettings, given);
  if ((await files.stat(file))?.kind !== 'file')
    throw new UserError(
      sentence`${named('audit', file)} is no file: give the audit.csv of the run, with checked_label filled in`,
    );
  const { options, settings } = await readConfig(context, run);
  const lock = await lockRun(context, run);
  try {
    const labels = await readRunLabels(files, run);
    const report = await readReport(context, run);
    const drawnAt = auditedFrom(report);
    if (drawnAt === null || !report.riskCoverage)
      throw new UserError(
        sentence`${named('run', run)} labelled nothing automatically: there is nothing to audit`,
      );
    const text = new TextDecoder().decode(await files.read(file));
    const { checked, unchecked } = readAudit(text, labels, file, (label) => wasAutomatic(report, label));
    const spec = data ?? options.data;
    const stream = await openRunImages(files, { ...options, data: spec }, settings.imageSize);
    const numberOf = new Map(stream.paths.map((path, image) => [path, image]));
    const images = Int32Array.from(labels, ({ path }) => {
      const image = numberOf.get(path);
      if (image !== undefined) return image;
      throw new UserError(sentence`${spec} no longer holds ${path}: give ${named('data')} as the run had it`);
    });
    const { target } = report.riskCoverage;
    const result = takeAudit(report, labels, images, checked, drawnAt, target);
    await writing(run, async () => {
      await writeLabels({ files, folder: run }, result.labels);
      await writeReport({ files, folder: run }, stream, result.report);
    });
    return {
      ...result,
      folder: run,
      files: ['labels.csv', 'given.csv', 'report.json', 'report.html'],
      checked: checked.length,
      checkedBefore: checked.filter((row) => row.earlier).length,
      unchecked,
      target,
    };
  } finally {
    await lock.release();
  }
}

async function readReport({ files }: JobContext, run: string): Promise<Report> {
  const path = files.join(run, 'report.json');
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError(
      sentence`${named('run', run)} holds no report.json: name the folder of a run that has labelled`,
    );
  try {
    return JSON.parse(new TextDecoder().decode(await files.read(path))) as Report;
  } catch {
    throw new UserError(`${path} is damaged: label the run again`);
  }
}
