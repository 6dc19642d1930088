import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ranks } from '../../src/autograd/ranks.ts';
import { openRanks } from '../../src/platform/mpi/open_ranks.ts';
import { endOf } from '../cli/support.ts';

/** Whether processes can be started together here. */
export const hasMpi = spawnSync('mpirun', ['--version']).status === 0;
export const withoutMpi = 'mpirun is not installed';

/** As root, more of them than cores, and none of them bound to one core. */
const launcher = /open mpi/i.test(`${spawnSync('mpirun', ['--version']).stdout}`)
  ? ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none']
  : [];

export interface Together {
  /** The exit code of mpirun; −1 where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** Starts Node so many times together, and waits for the end of all. */
export async function together(
  ranks: number,
  args: readonly string[],
  { env = {}, folder }: { env?: Record<string, string>; folder?: string } = {},
): Promise<Together> {
  const start = performance.now();
  const child = spawn('mpirun', [...launcher, '-n', `${ranks}`, process.execPath, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = await endOf(child);
  return { ...ended, seconds: (performance.now() - start) / 1000 };
}

const task = 'KINDRED_TEST_RANK';

/**
 * A test file that is also what its ranks run: in a rank the body's work, and then the end of the process; elsewhere
 * nothing.
 * @param work gets what `onRanks` was given; what rank 0 returns, `onRanks` does
 */
export async function asRank<In, Out>(work: (given: In, ranks: Ranks) => Promise<Out>): Promise<void> {
  const folder = process.env[task];
  if (!folder) return;
  const link = (await openRanks(60))!;
  const { given, norm, wire } = JSON.parse(readFileSync(join(folder, 'given.json'), 'utf8'));
  const result = await work(given, { link, norm, wire });
  if (link.rank === 0) writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
  await link.leave();
  process.exit(0);
}

/** Runs this file on so many ranks. @returns what rank 0 came to */
export async function onRanks<In, Out>(
  ranks: number,
  given: In,
  { norm = 'global', wire = 'f32' }: Partial<Pick<Ranks, 'norm' | 'wire'>> = {},
): Promise<Out> {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-ranks-'));
  try {
    writeFileSync(join(folder, 'given.json'), JSON.stringify({ given, norm, wire }));
    const { code, stderr } = await together(ranks, [process.argv[1]!], { env: { [task]: folder } });
    if (code !== 0) throw new Error(`${ranks} ranks ended with ${code}:\n${stderr}`);
    return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
