import type { LabelOrigin } from '../../data/labels/origin.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { readAudit } from '../../label/files/audit_csv.ts';
import {
  type AuditRecord,
  labelsDigest,
  readAuditRecord,
  writeAuditRecord,
} from '../../label/files/audit_record.ts';
import { writeLabels, writeReport } from '../../label/files/run_files.ts';
import type { ImageLabel } from '../../label/image_label.ts';
import type { Report } from '../../label/report/report.ts';
import { auditedFrom, type TakenAudit, takeAudit } from '../../label/take_audit.ts';
import { keptImages } from '../inputs/kept_images.ts';
import { readText } from '../inputs/read_text.ts';
import { openRunImages, readRunLabels } from '../inputs/run_labels.ts';
import type { JobContext } from '../reporter.ts';
import { readConfig } from '../run/config.ts';
import { lockRun, writing } from '../run/folder.ts';
import { readGiven } from '../run/read_run.ts';
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
    const labels = await readRunLabels(context, run);
    const report = await readReport(context, run);
    const drawnAt = auditedFrom(report);
    if (drawnAt === null || !report.riskCoverage)
      throw new UserError(
        sentence`${named('run', run)} labelled nothing automatically: there is nothing to audit`,
      );
    const place = { files, folder: run };
    const record = await readRecord(context, run, labels);
    const known = new Set(labels.flatMap(({ path, label }) => [path, label]));
    const text = await readText(context, file, (cell) => known.has(cell));
    const { answers, filled, before } = readAudit(text, record.draw.rows, record.answers, file);
    const spec = data ?? options.data;
    const stream = await openRunImages(
      files,
      { ...options, data: spec },
      settings.imageSize,
      keptImages(context, options, { earlier: (images) => readGiven(files, run, images) }),
    );
    const numberOf = new Map(stream.paths.map((path, image) => [path, image]));
    const images = Int32Array.from(labels, ({ path }) => {
      const image = numberOf.get(path);
      if (image !== undefined) return image;
      throw new UserError(sentence`${spec} no longer holds ${path}: give ${named('data')} as the run had it`);
    });
    const { target } = report.riskCoverage;
    const { draw, earlier } = record;
    const given = (await readGiven(files, run, stream)) ?? [];
    const origins = new Map<string, LabelOrigin>(
      draw.rows.flatMap(({ path }, at) => (answers[at] === null ? [] : [[path, { origin: 'audit' }]])),
    );
    for (const { path, origin } of given) if (origin) origins.set(path, origin);
    const result = takeAudit(report, labels, images, draw, answers, { target, drawnAt, earlier });
    await writing(run, async () => {
      const digests = [await labelsDigest(result.labels), await labelsDigest(labels)];
      // First, as the answers are what cannot be made again: should writing stop here, the same return completes it.
      await writeAuditRecord(place, { ...record, labels: digests, answers: [...answers] });
      await writeLabels(place, result.labels, origins);
      await writeReport(place, stream, result.report);
    });
    return {
      ...result,
      folder: run,
      files: ['labels.csv', 'given.csv', 'audit.json', 'report.json', 'report.html'],
      checked: filled,
      checkedBefore: before,
    };
  } finally {
    await lock.release();
  }
}

/** @throws UserError where the run has none, or its labels have changed since the sample was drawn */
async function readRecord(
  { files }: JobContext,
  run: string,
  labels: readonly ImageLabel[],
): Promise<AuditRecord> {
  const record = await readAuditRecord({ files, folder: run });
  if (!record)
    throw new UserError(
      sentence`${named('run', run)} holds no audit.json, which says what was drawn and in which order: label the run again, and check the new audit.csv`,
    );
  if (!record.labels.includes(await labelsDigest(labels)))
    throw new UserError(
      `${files.join(run, 'labels.csv')} has changed since audit.csv was drawn from it: label the run again, and check the new audit.csv`,
    );
  return record;
}

async function readReport({ files }: JobContext, run: string): Promise<Report> {
  const path = files.join(run, 'report.json');
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError(
      sentence`${named('run', run)} holds no report.json: name the folder of a run that has labelled`,
    );
  let report: Report;
  try {
    report = JSON.parse(new TextDecoder().decode(await files.read(path))) as Report;
  } catch {
    throw new UserError(`${path} is damaged: label the run again`);
  }
  if (report.audit?.scenes === undefined)
    throw new UserError(`${path} was written by an earlier version of kindred: label the run again`);
  return report;
}
