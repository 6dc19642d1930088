import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The text of a file; undefined where there is none or it may not be read. */
type Reader = (path: string) => string | undefined;

const readText: Reader = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A kernel without this file, or a container that hides it.
    return undefined;
  }
};

const controlGroups = '/sys/fs/cgroup';

/** How the two versions of Linux' control groups call a group's limit, its use, and that of its files in memory. */
const versions = [
  {
    root: controlGroups,
    limit: 'memory.max',
    use: 'memory.current',
    files: ['active_file', 'inactive_file'],
  },
  {
    root: join(controlGroups, 'memory'),
    limit: 'memory.limit_in_bytes',
    use: 'memory.usage_in_bytes',
    files: ['total_active_file', 'total_inactive_file'],
  },
] as const;

/**
 * Bytes of memory that this process may still take, on Linux: what the system has available (`MemAvailable`), or less
 * where a control group that it is in (a container, a batch job) has a limit. What a group holds of files counts as free,
 * as the system itself counts it, since it is given up where programs need it; `process.availableMemory()` takes it for
 * used. Undefined where the system does not tell.
 */
export function freeMemory(read: Reader = readText): number | undefined {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(read('/proc/meminfo') ?? '');
  if (!available) return undefined;
  const groups = read('/proc/self/cgroup') ?? '';
  const ownV2 = /^0::(.*)$/m.exec(groups)?.[1];
  const ownV1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  const rooms = [ownV2, ownV1].flatMap((own, i) =>
    own === undefined ? [] : groupsAbove(own).map((group) => roomOf(read, versions[i]!, group)),
  );
  return Math.min(1024 * Number(available[1]), ...rooms);
}

/** A group's path and those of all groups that it lies in; a container often sees its own as the root. */
function groupsAbove(path: string): string[] {
  return path === '/' || path === '.' || path === '' ? ['/'] : [path, ...groupsAbove(dirname(path))];
}

/** Bytes that a group may still take; infinite where it has no limit. */
function roomOf(read: Reader, { root, limit, use, files }: (typeof versions)[number], group: string): number {
  const text = (name: string) => read(join(root, group, name)) ?? '';
  // `max` is no number.
  const most = Number.parseInt(text(limit), 10);
  const taken = Number.parseInt(text(use), 10);
  if (!Number.isFinite(most) || !Number.isFinite(taken)) return Number.POSITIVE_INFINITY;
  const statistics = text('memory.stat');
  const held = files.map((name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(statistics)?.[1] ?? 0));
  return Math.max(0, most - taken + held.reduce((sum, bytes) => sum + bytes, 0));
}
