import { named, sentence, UserError } from '../../errors.ts';
import { pretrain } from '../../pretext/pretrain.ts';
import type { MethodName } from '../../pretext/registry.ts';
import type { JobContext } from '../reporter.ts';
import type { KeptSettings, PretrainSettings } from '../settings/jobs.ts';
import type { Interrupted, Saved } from './outcome.ts';
import { describePretext, pretextData, pretextOptions, pretextRun, pretextWeights } from './pretext_task.ts';
import { withTraining } from './training_session.ts';

/**
 * Trains a pretext encoder on images: a run's folder with config.json, metrics.jsonl, a checkpoint an epoch and, at the
 * end, encoder.safetensors. An abort saves a checkpoint.
 * @throws UserError for input that is wrong, with nothing written; Error where training diverges or collapses
 */
export function pretrainRun(settings: PretrainSettings, context: JobContext): Promise<Saved | Interrupted> {
  const check = (_: KeptSettings, folder: string) => requireNoHead(context, folder);
  return withTraining(context, settings, { labels: false, check }, async (session) => {
    const { files, reporter } = context;
    const data = pretextData(session);
    const options = pretextOptions(session, requirePretext(session.settings), data);
    reporter.note(describePretext(data.images.length, options, context.ranks));
    const folder = await session.begin(options);
    reporter.stoppable('saving a checkpoint');
    const run = pretextRun(context, session, folder, options);
    const { pretext, interrupted, step } = await pretrain(session.engine, data, options, run);
    if (interrupted) return { interrupted, folder, step };
    const encoder = await pretextWeights(pretext, options);
    await files.writeAtomic(files.join(folder, 'encoder.safetensors'), encoder);
    const saved = ['metrics.jsonl', 'encoder.safetensors', 'checkpoint.safetensors'];
    return { interrupted: false, folder, files: saved };
  });
}

/** @throws UserError where there would be nothing to train */
function requirePretext({ pretext }: KeptSettings): MethodName {
  if (pretext !== 'none') return pretext;
  throw new UserError(sentence`pretrain trains a pretext task: leave ${named('pretext', 'none')} out`);
}

/** @throws UserError where a run has a classifier, which stands on the encoder that would be replaced */
async function requireNoHead({ files }: JobContext, folder: string): Promise<undefined> {
  if ((await files.stat(files.join(folder, 'head.safetensors'))) === undefined) return undefined;
  throw new UserError(
    sentence`the run in ${folder} has labelled images with its encoder, which pretrain would replace: resume it with train, or choose another ${named('out')}`,
  );
}
