/** package.json's version, which the build puts in. */
declare const KINDRED_VERSION: string;

/** The terminal that the command line talks to. */
export const terminal = {
  arguments: process.argv,
  /** Whether a person watches: live lines are drawn over, otherwise lines come now and then. */
  interactive: process.stderr.isTTY === true,
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

  /** The exit code that the process will end with. */
  setExitCode(code: number): void {
    process.exitCode = code;
  },

  /**
   * A signal that Ctrl-C (or SIGTERM) aborts. A second Ctrl-C, more than a second later, ends the process at once:
   * npm passes the first one on, so that one key press can arrive twice.
   */
  interruption(consequence = 'saving a checkpoint (Ctrl-C again to stop without)'): AbortSignal {
    const controller = new AbortController();
    let first = 0;
    const stop = () => {
      if (first > 0 && Date.now() - first > 1000) process.exit(130);
      if (first > 0) return;
      first = Date.now();
      terminal.note(`stopping: ${consequence}`);
      controller.abort();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    return controller.signal;
  },

  /** Today's date, YYYY-MM-DD, in the user's time zone. */
  date: () => new Date().toLocaleDateString('sv-SE'),

  versions: () => ({
    kindred: KINDRED_VERSION,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  }),
} as const;
