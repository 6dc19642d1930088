import type { Command } from 'commander';
import { inspectAdapter } from '../../app/jobs/inspect_adapter.ts';
import { terminal } from '../../platform/node_terminal.ts';
import { commandContext } from '../terminal_reporter.ts';

/** Adds the command `doctor` to the program. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'the adapter, its features, limits and measured speed; what to install where something is missing',
    )
    .option('--json', 'one JSON object instead of lines')
    .action(run);
}

async function run(options: { json?: boolean }): Promise<void> {
  const { description, ...report } = await inspectAdapter(commandContext());
  if (options.json) {
    terminal.print(JSON.stringify(report, null, 2));
    return;
  }
  terminal.print(`adapter      ${description}`);
  terminal.print(`vendor       ${report.vendor} ${report.architecture}`);
  terminal.print(`features     ${report.features.join(', ') || 'none of those kindred uses'}`);
  for (const [name, value] of Object.entries(report.limits)) terminal.print(`limit        ${name} ${value}`);
  terminal.print(`multiply-add ${report.gflops} GFLOP/s`);
  terminal.print(`copying      ${report.gigabytesPerSecond} GB/s, read and written`);
  const { measured, shipped } = report.kernelChoices;
  terminal.print(
    `kernels      tuned for ${measured + shipped} classes of shapes: ${measured} here, ${shipped} as shipped`,
  );
  terminal.print(`node         ${report.versions.node} on ${report.versions.platform}`);
}
