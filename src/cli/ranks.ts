import { contextOfRank, openRanks, takeDevices } from '../app/ranks.ts';
import type { JobContext } from '../app/reporter.ts';
import type { RankSettings } from '../app/settings/jobs.ts';
import { terminal } from '../platform/node_terminal.ts';
import type { RankLink } from '../platform/platform.ts';
import { commandContext } from './terminal_reporter.ts';

let open: RankLink | undefined;

/** Runs a job in this process alone, or as one of the ranks that MPI started together; all of them end together. */
export async function amongRanks(
  settings: RankSettings,
  body: (context: JobContext) => Promise<void>,
): Promise<void> {
  const ended = await takeDevices(settings);
  if (ended !== undefined) {
    terminal.setExitCode(ended);
    return;
  }
  const ranks = await openRanks(settings);
  open = ranks?.link;
  await body(ranks ? contextOfRank(commandContext(), ranks) : commandContext());
  await open?.leave();
  open = undefined;
}

/** Milliseconds that other ranks give the first one to say what it failed by, and those behind them. */
const [firstWord, eachWord] = [2000, 1500];
/** Milliseconds in which a launcher takes what was said; behind an abort it throws away what it has not read. */
const hearing = 500;

/** What all ranks fail by, rank 0 alone tells: it ends the others before their turn comes. */
export async function othersFirst(): Promise<void> {
  const { rank, ranks } = terminal;
  if (rank === 0) return;
  await pause(firstWord + (eachWord * rank) / ranks);
}

/** Ends the other ranks, by the exit code that this one ends with. */
export async function endRanks(): Promise<void> {
  if (!open) return;
  await pause(hearing);
  open.abort(terminal.exitCode());
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
