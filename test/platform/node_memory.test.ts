import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { freeMemory } from '../../src/platform/node_memory.ts';

const mebibyte = 2 ** 20;
const meminfo = 'MemTotal:       16000000 kB\nMemFree:          100000 kB\nMemAvailable:    2048000 kB\n';
const free = (files: Record<string, string>) => freeMemory((path) => files[path]);

test('outside of containers it is what the system has available, files in memory among it', () => {
  assert.is(free({ '/proc/meminfo': meminfo }), 2_048_000 * 1024);
  const unlimited = {
    '/proc/meminfo': meminfo,
    '/proc/self/cgroup': '0::/user.slice\n',
    '/sys/fs/cgroup/user.slice/memory.max': 'max\n',
    '/sys/fs/cgroup/user.slice/memory.current': `${9000 * mebibyte}\n`,
  };
  assert.is(free(unlimited), 2_048_000 * 1024);
});

test('a container’s limit counts, and so does that of any group around it; files in memory make room', () => {
  const job = {
    '/proc/meminfo': meminfo,
    '/proc/self/cgroup': '0::/slurm/job_7/step_0\n',
    '/sys/fs/cgroup/slurm/job_7/step_0/memory.max': 'max\n',
    '/sys/fs/cgroup/slurm/job_7/step_0/memory.current': '5\n',
    '/sys/fs/cgroup/slurm/job_7/memory.max': `${1000 * mebibyte}\n`,
    '/sys/fs/cgroup/slurm/job_7/memory.current': `${900 * mebibyte}\n`,
    '/sys/fs/cgroup/slurm/job_7/memory.stat': `anon 5\nactive_file ${100 * mebibyte}\ninactive_file ${200 * mebibyte}\n`,
  };
  assert.is(free(job), 400 * mebibyte);
  // A container that sees its own group as the root.
  const container = {
    '/proc/meminfo': meminfo,
    '/proc/self/cgroup': '0::/\n',
    '/sys/fs/cgroup/memory.max': `${300 * mebibyte}`,
    '/sys/fs/cgroup/memory.current': `${310 * mebibyte}`,
  };
  assert.is(free(container), 0);
});

test('the first version of control groups is read too', () => {
  const old = {
    '/proc/meminfo': meminfo,
    '/proc/self/cgroup': '5:devices:/\n4:cpu,memory:/docker/ab12\n0::/\n',
    '/sys/fs/cgroup/memory/docker/ab12/memory.limit_in_bytes': `${500 * mebibyte}\n`,
    '/sys/fs/cgroup/memory/docker/ab12/memory.usage_in_bytes': `${400 * mebibyte}\n`,
    '/sys/fs/cgroup/memory/docker/ab12/memory.stat': `inactive_file 7\ntotal_inactive_file ${20 * mebibyte}\n`,
  };
  assert.is(free(old), 120 * mebibyte);
});

test('where the system does not tell, nothing is told', () => {
  assert.is(free({}), undefined);
  const here = freeMemory();
  assert.ok(here === undefined || (here > mebibyte && here < 2 ** 46), `${here}`);
});

test.run();
