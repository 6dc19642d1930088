import { CommanderError } from 'commander';
import { RunError, UserError } from '../errors.ts';
import { outOfMemory } from '../gpu/out_of_memory.ts';
import { terminal } from '../platform/node_terminal.ts';
import { withFlags } from './settings_flags.ts';

/** One clear line; exit code 2 where the input is wrong, 1 for anything else, with the stack where it is asked for. */
export function fail(thrown: unknown): void {
  const error = outOfMemory(thrown) ?? thrown;
  if (error instanceof CommanderError) {
    // Help and version end with 0; commander has printed its own line about wrong options.
    terminal.setExitCode(error.exitCode === 0 ? 0 : 2);
    return;
  }
  const isInput = error instanceof UserError;
  terminal.setExitCode(isInput ? 2 : 1);
  if (terminal.debugs && error instanceof Error) terminal.note(error.stack ?? error.message);
  const who = terminal.rank > 0 ? `kindred: rank ${terminal.rank}: ` : 'kindred: ';
  if (isInput || error instanceof RunError) terminal.note(`${who}${withFlags(error.sentence)}`);
  else {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = terminal.debugs ? '' : ' (KINDRED_DEBUG=1 shows where)';
    terminal.note(`${who}${reason}${hint}`);
  }
}
