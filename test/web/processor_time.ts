import { readdirSync, readFileSync } from 'node:fs';

/** Of Linux' clock of processes, on every machine that Node runs on. */
const millisecondsATick = 10;

/**
 * Milliseconds of processor time that all programs which this one has started, and those that they started, have taken
 * so far (proc(5): utime and stime); undefined where the system does not say.
 */
export function startedProcessorTime(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const parents = new Map<number, number>();
  const times = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // Behind the name in brackets, which may hold anything.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      parents.set(Number(name), Number(fields[1]));
      times.set(Number(name), Number(fields[11]) + Number(fields[12]));
    } catch {
      // Ended meanwhile.
    }
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === process.pid || isOurs(parents.get(pid)));
  let ticks = 0;
  for (const [pid, own] of times) if (pid !== process.pid && isOurs(pid)) ticks += own;
  return ticks * millisecondsATick;
}
