import { csvFile, csvLine, guard } from '../../data/labels/csv.ts';
import { originCells, originColumns } from '../../data/labels/origin.ts';
import type { NextProposal } from '../report/report.ts';
import type { RunFolder } from './run_folder.ts';

/**
 * next.csv: the proposals with an empty column for the labels of a person, to be given back as labels, and with what is to
 * be known of them then: whether chance chose them, or with which probability they were proposed.
 */
export function* nextCsv(next: readonly NextProposal[]): Generator<string> {
  yield csvLine(['path', 'label', 'reason', ...originColumns]);
  for (const proposal of next) {
    yield csvLine([guard(proposal.path), '', guard(proposal.reason), ...originCells(proposal)]);
  }
}

/**
 * Writes next.csv, and next.json with the same proposals: the run's own record of what was drawn at random and of each
 * proposal's probability, whatever becomes of the file that a person fills in.
 */
export async function writeNext(
  { files, folder }: RunFolder,
  next: readonly NextProposal[],
  randomShare: number,
): Promise<void> {
  const images = next.map(({ path, reason, origin, probability }) => ({
    path,
    reason,
    origin,
    ...(probability !== undefined && { probability }),
  }));
  const record = { version: 1, randomShare, images };
  await files.writeAtomic(files.join(folder, 'next.json'), `${JSON.stringify(record, null, 1)}\n`);
  await files.writeAtomic(
    files.join(folder, 'next.csv'),
    csvFile(() => nextCsv(next)),
  );
}
