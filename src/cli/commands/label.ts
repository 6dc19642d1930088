import type { Command } from 'commander';
import { labelRun } from '../../app/jobs/label_run.ts';
import { returnAudit } from '../../app/jobs/return_audit.ts';
import {
  type AuditSettings,
  auditSettings,
  type LabelSettings,
  labelSettings,
} from '../../app/settings/jobs.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { printAudit } from '../audit_outcome.ts';
import { printLabelled, tellInterruption } from '../outcomes.ts';
import { addSettings, settingsFrom } from '../settings_flags.ts';
import { commandContext } from '../terminal_reporter.ts';

/** Adds the commands `label` and `finetune` to the program. */
export function registerLabel(program: Command): void {
  const label = program
    .command('label')
    .description(
      'labels the images of an earlier run again, from its pretext encoder: with more labels, another target error, or other methods',
    );
  const { required: _, ...audit } = auditSettings.audit;
  addSettings(label, { ...labelSettings, audit }).action(run);
  const finetune = program
    .command('finetune')
    .description('as label, with the encoder of an earlier run fine-tuned on the labels, beside its probe');
  addSettings(finetune, labelSettings).action((options) =>
    run({ ...options, methods: options.methods ?? ['probe', 'finetune'] }),
  );
}

async function run(options: { readonly audit?: string }): Promise<void> {
  const context = commandContext();
  if (options.audit !== undefined) {
    const { run, data, audit, ...others } = options as Readonly<Record<string, unknown>>;
    // No tuning is what an audit has anyway.
    const other = Object.keys(others).find((name) => name !== 'tune' || others.tune);
    if (other !== undefined)
      throw new UserError(
        sentence`${named('audit')} renews the bound alone and trains nothing: leave ${named(other)} out, or ${named('audit')}`,
      );
    printAudit(await returnAudit({ run, data, audit } as AuditSettings, context));
    return;
  }
  const outcome = await labelRun(settingsFrom<LabelSettings>({ ...options }), context);
  if (outcome.interrupted) tellInterruption(outcome);
  else printLabelled(outcome);
}
