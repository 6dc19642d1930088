import * as v from 'valibot';
import { guardAll } from '../../data/labels/csv.ts';
import { UserError } from '../../errors.ts';
import { sha256, toHex } from '../../formats/digest.ts';
import type { AuditDraw } from '../audit_draw.ts';
import type { ImageLabel } from '../image_label.ts';
import { labelsCsv } from './labels_csv.ts';
import type { RunFolder } from './run_folder.ts';

const auditRecord = v.object({
  version: v.literal(1),
  /** Digests of labels.csv as it was written last and, should writing have been cut short, before. */
  labels: v.array(v.string()),
  /** Audits of the run that came back, or were filled in, before its labels changed. */
  earlier: v.number(),
  /** The sample. */
  draw: v.custom<AuditDraw>((draw) => Array.isArray((draw as AuditDraw | null)?.rows)),
  /** What was given back so far, in the order of the sample. */
  answers: v.array(v.nullable(v.string())),
});

/** A run's audit.json: what was drawn for audit.csv, in which order, and what came back so far. */
export type AuditRecord = Readonly<v.InferOutput<typeof auditRecord>>;

const name = 'audit.json';

/** Reads a run's audit.json; undefined where it has none. @throws UserError where it is damaged */
export async function readAuditRecord({ files, folder }: RunFolder): Promise<AuditRecord | undefined> {
  const path = files.join(folder, name);
  if ((await files.stat(path))?.kind !== 'file') return undefined;
  const text = new TextDecoder().decode(await files.read(path));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), auditRecord), text);
  if (parsed.success && parsed.output.answers.length === parsed.output.draw.rows.length) return parsed.output;
  throw new UserError(`${path} is damaged: delete it and label the run again`);
}

/** Writes a run's audit.json. */
export async function writeAuditRecord({ files, folder }: RunFolder, record: AuditRecord): Promise<void> {
  await files.writeAtomic(files.join(folder, name), `${JSON.stringify(record, null, 1)}\n`);
}

/**
 * The record of a sample that was just drawn. One drawn from the very labels of the earlier sample is the same audit and
 * keeps its answers; else an earlier one of which anything is known counts as spent (see `auditChance`).
 * @param filled whether the folder's audit.csv has answers, given back or not
 */
export async function newAuditRecord(
  draw: AuditDraw,
  labels: readonly ImageLabel[],
  previous: AuditRecord | undefined,
  filled: boolean,
): Promise<AuditRecord> {
  const same = previous?.draw.digest === draw.digest;
  const begun = filled || (previous?.answers.some((answer) => answer !== null) ?? false);
  const known = new Map(previous?.draw.rows.map(({ path }, at) => [path, previous.answers[at] ?? null]));
  return {
    version: 1,
    labels: [await labelsDigest(labels)],
    earlier: (previous?.earlier ?? 0) + (previous && !same && begun ? 1 : 0),
    draw,
    answers: draw.rows.map(({ path }) => (same ? (known.get(path) ?? null) : null)),
  };
}

/**
 * SHA-256 of what labels.csv says, in hex: a spreadsheet's other quotes and line ends do not change it, nor how versions of
 * kindred guard numbers.
 */
export async function labelsDigest(labels: readonly ImageLabel[]): Promise<string> {
  return toHex(await sha256(new TextEncoder().encode([...labelsCsv(labels, guardAll)].join(''))));
}
