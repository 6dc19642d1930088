import type { Command } from 'commander';
import { evaluateRun } from '../../app/jobs/evaluate_run.ts';
import { type EvaluateSettings, evaluateSettings } from '../../app/settings/jobs.ts';
import { terminal } from '../../platform/node_terminal.ts';
import { evaluationLines } from '../evaluation_tables.ts';
import { addSettings } from '../settings_flags.ts';
import { commandContext } from '../terminal_reporter.ts';

/** Adds the command `evaluate` to the program. */
export function registerEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('scores the labels that a run predicted against the truth, which the run did not see');
  addSettings(command, evaluateSettings)
    .option('--json', 'one JSON object instead of tables', false)
    .action(async ({ json, ...settings }: EvaluateSettings & { readonly json: boolean }) => {
      const evaluation = await evaluateRun(settings, commandContext());
      const { run, truth } = settings;
      if (json) terminal.print(JSON.stringify({ run, truth, ...evaluation }));
      else for (const line of evaluationLines(evaluation)) terminal.print(line);
    });
}
