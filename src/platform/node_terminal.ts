import { createInterface } from 'node:readline';

import { launchOf } from './mpi/launch.ts';

/** package.json's version, which the build puts in. */
declare const KINDRED_VERSION: string;

/**
 * Whoever reads the lines may have seen enough (`kindred doctor | head -1`): further ones go nowhere, and the work goes
 * on to its end.
 */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const launch = launchOf(process.env);

/** The terminal that the command line talks to. */
export const terminal = {
  arguments: process.argv,
  /** The number of this process among those that were started together, from 0. */
  rank: launch?.rank ?? 0,
  /** How many were started together. */
  ranks: launch?.size ?? 1,
  /** Whether a person watches: live lines are drawn over, otherwise lines come now and then. */
  interactive: process.stderr.isTTY === true,
  /** Whether a person watches who can answer a question. */
  answers: process.stderr.isTTY === true && process.stdin.isTTY === true,
  /** Whether the user wants to see where an error comes from. */
  debugs: process.env.KINDRED_DEBUG === '1',
  /** The variables of the process. */
  environment: process.env as Readonly<Record<string, string | undefined>>,
  /** Some terminals say 0. */
  columns: () => process.stderr.columns || 80,

  /** A line of the program's result, on standard output. */
  print(line: string): void {
    terminal.clear();
    process.stdout.write(`${line}\n`);
  },

  /** A line about what goes on, on standard error. */
  note(line: string): void {
    terminal.clear();
    process.stderr.write(`${line}\n`);
  },

  /** Draws one line over the last such; only where a person watches. */
  live(line: string): void {
    if (!terminal.interactive) return;
    process.stderr.write(`\r\x1b[2K${line.slice(0, terminal.columns() - 1)}`);
  },

  clear(): void {
    if (terminal.interactive) process.stderr.write('\r\x1b[2K');
  },

  /** Asks for a yes or a no, which is what anything else counts as. */
  async confirm(question: string): Promise<boolean> {
    terminal.clear();
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await new Promise((resolve) => {
        // Readline keeps Ctrl-C from the process, and Ctrl-D ends it without an answer.
        lines.once('SIGINT', () => process.exit(130)).once('close', () => resolve(false));
        lines.question(`${question} [y/N] `, (answer) => resolve(/^\s*y(?:es)?\s*$/i.test(answer)));
      });
    } finally {
      lines.close();
    }
  },

  /** The exit code that the process will end with. */
  setExitCode(code: number): void {
    process.exitCode = code;
  },

  /** The exit code that was set, else 0. */
  exitCode: () => Number(process.exitCode ?? 0),

  /**
   * From here on Ctrl-C (or SIGTERM, or SIGUSR1, by which schedulers announce the end) is answered by `answer`, once. A second one, more than a second later, ends the
   * process at once: npm passes the first one on, so that one key press can arrive twice.
   * @param answer by default the process ends, after what it does at its end
   */
  onInterruption(answer: () => void = () => process.exit(130)): void {
    let first = 0;
    const stop = () => {
      if (first > 0 && Date.now() - first > 1000) process.exit(130);
      if (first > 0) return;
      first = Date.now();
      answer();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const)
      process.removeAllListeners(signal).on(signal, stop);
  },

  versions: () => ({
    kindred: KINDRED_VERSION,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  }),
} as const;
