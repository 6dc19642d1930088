import { UserError } from '../../errors.ts';
import { labelRun } from '../jobs/label_run.ts';
import type { LabelledRun } from '../jobs/outcome.ts';
import { trainRun } from '../jobs/train_run.ts';
import type { JobContext } from '../reporter.ts';
import { hasGiven } from '../run/read_run.ts';

/** What a run's files are written from. */
export interface Finished {
  /** The run's folder: one of a pretext task, one that was finished before, or none yet. */
  readonly run: string;
  /** The setting `data`. */
  readonly data: string;
  /** Path of the answers, and their content. */
  readonly answers: string;
  readonly answersFile: string;
  /** The encoder where the run has no pretext task: `base`, or a file's path. */
  readonly encoder: string | undefined;
  /** The error allowed among automatic labels. */
  readonly target: number;
}

/**
 * Writes a run's files from answers, as the command line does: `train` without a pretext task, or `label` on a run that is
 * there. Labels are exactly the answers, those that were taken back since an earlier time are none.
 * @throws UserError where the answers are too few; the signal's reason where it was aborted
 */
export async function finishRun(
  { run, data, answers, answersFile, encoder, target }: Finished,
  context: JobContext,
): Promise<LabelledRun> {
  const { files, reporter } = context;
  const shared = { doubtfulLabels: 'keep', methods: ['probe'], targetError: target, tune: 0 } as const;
  const config = files.join(run, 'config.json');
  const exists = (await files.stat(config)) !== undefined;
  if (!exists && encoder === undefined)
    throw new UserError('nothing has learned from the images yet: train, or take the base encoder');
  const labelledBefore = exists && (await hasGiven(files, run));
  if (labelledBefore) await files.writeAtomic(files.join(run, 'given.csv'), answersFile);
  const outcome = exists
    ? await labelRun(
        {
          ...shared,
          run,
          ...(!labelledBefore && { labels: answers }),
          ...(encoder === undefined && { encoder: 'none' }),
        },
        context,
      )
    : await trainRun(
        { ...shared, data, out: run, pretext: 'none', encoder: encoder!, labels: answers },
        context,
      );
  if (outcome.interrupted) throw reporter.signal.reason;
  return outcome;
}
