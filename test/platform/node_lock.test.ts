import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import { lockFolder, lockName } from '../../src/platform/node_lock.ts';

let folder: string;
let path: string;
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'kindred-lock-'));
  path = join(folder, lockName);
});
test.after.each(() => rmSync(folder, { recursive: true, force: true }));

/** Leaves a lock as an owner that cannot give it back would. */
const leave = (owner: Record<string, unknown>) =>
  writeFileSync(path, JSON.stringify({ started: null, token: 'theirs', ...owner }));
const refusal = () =>
  lockFolder(folder).then(
    () => 'it was given',
    (error) => (error instanceof UserError ? error.message : `no UserError: ${error}`),
  );
/** A process number that nobody has: that of a process which has ended. */
const goneProcess = () => spawnSync(process.execPath, ['-e', '']).pid;

test('a folder is one command’s until it gives it back', async () => {
  const lock = await lockFolder(folder);
  assert.is(lock.takenFrom, undefined);
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).process, process.pid);
  assert.match(await refusal(), new RegExp(`in use by process ${process.pid} on .+: wait until it ends`));
  await lock.release();
  assert.equal(readdirSync(folder), []);
  await (await lockFolder(folder)).release();
});

test('of many that ask at once one gets it, and nothing but its lock is left', async () => {
  const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
  const given = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  assert.is(given.length, 1);
  assert.equal(readdirSync(folder), [lockName]);
  await given[0]!.release();
});

test('of many that find the owner gone one takes over', async () => {
  leave({ process: goneProcess(), host: hostname() });
  const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
  const given = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  assert.is(given.length, 1);
  await given[0]!.release();
  assert.equal(readdirSync(folder), []);
});

test('who takes over from an owner that is gone says from whom', async () => {
  const gone = goneProcess();
  leave({ process: gone, host: hostname() });
  const lock = await lockFolder(folder);
  assert.is(lock.takenFrom, `process ${gone} on ${hostname()}`);
  await lock.release();
});

test('a process number that was given anew is not the owner', async () => {
  if (!existsSync('/proc/self/stat'))
    return console.log('SKIPPED: this system does not tell when a process started');
  leave({ process: process.pid, host: hostname(), started: '1' });
  const lock = await lockFolder(folder);
  assert.match(lock.takenFrom ?? '', `process ${process.pid}`);
  await lock.release();
});

test('an owner on another host is believed while its lock shows life, and two minutes longer', async () => {
  leave({ process: 1, host: 'elsewhere' });
  assert.match(
    await refusal(),
    `in use by process 1 on elsewhere: wait until it ends, or name another folder (if that process is gone, delete ${path})`,
  );
  const then = Date.now() / 1000 - 180;
  utimesSync(path, then, then);
  const lock = await lockFolder(folder);
  assert.is(lock.takenFrom, 'process 1 on elsewhere');
  await lock.release();
});

test('a damaged lock names nobody that lives', async () => {
  writeFileSync(path, '{"process":');
  await (await lockFolder(folder)).release();
  assert.equal(readdirSync(folder), []);
});

test('a lock that another has taken over since is not given back for it', async () => {
  const lock = await lockFolder(folder);
  leave({ process: 1, host: 'elsewhere' });
  await lock.release();
  assert.is(JSON.parse(readFileSync(path, 'utf8')).token, 'theirs');
});

test('a living process of this host keeps its lock', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  try {
    const started = existsSync('/proc/self/stat')
      ? readFileSync(`/proc/${child.pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')[19]
      : null;
    leave({ process: child.pid, host: hostname(), started });
    assert.match(await refusal(), `in use by process ${child.pid}`);
  } finally {
    child.kill('SIGKILL');
  }
});

test.run();
