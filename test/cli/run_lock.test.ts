import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runKindred, startKindred, stripedImages, writeFiles } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-run-lock-'));
writeFiles(folder, stripedImages('images', 8));
const pretrain = 'pretrain --data images --image-size 8 --width 2 --batch 4 --no-tune'.split(' ');

/** The lines of a run's metrics.jsonl. */
const metrics = (run: string) =>
  readFileSync(join(folder, run, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('of two commands on one folder at once one runs, the other is refused and leaves it alone', async () => {
  const args = [...pretrain, '--epochs', '3', '--out', 'shared'];
  const both = await Promise.all([runKindred(folder, args), runKindred(folder, args)]);
  assert.equal(both.map(({ code }) => code).sort(), [0, 2]);
  const { stderr } = both.find(({ code }) => code === 2)!;
  assert.match(
    stderr,
    /^kindred: (shared is in use by process \d+ on|--out shared exists and is not empty)/m,
  );
  assert.equal(
    metrics('shared').flatMap(({ event, epoch }) => (event === 'epoch' ? [epoch] : [])),
    [0, 1, 2],
  );
  assert.not(existsSync(join(folder, 'shared', 'run.lock')));
});

test('two commands at once that name no folder get one each', async () => {
  const args = [...pretrain, '--epochs', '1'];
  const both = await Promise.all([runKindred(folder, args), runKindred(folder, args)]);
  for (const { code, stderr } of both) assert.is(code, 0, stderr);
  const runs = readdirSync(join(folder, 'runs')).sort();
  assert.is(runs.length, 2);
  for (const run of runs) assert.ok(existsSync(join(folder, 'runs', run, 'encoder.safetensors')), run);
});

test('a run that was killed is resumed, with a word about its lock', async () => {
  const args = [...pretrain, '--epochs', '400', '--out', 'killed'];
  const { child, ended } = startKindred(folder, args);
  const checkpoint = join(folder, 'killed', 'checkpoint.json');
  while (!existsSync(checkpoint) && child.exitCode === null) await new Promise((go) => setTimeout(go, 50));
  child.kill('SIGKILL');
  await ended;
  assert.ok(existsSync(join(folder, 'killed', 'run.lock')));
  const { child: resumed, ended: end } = startKindred(folder, [
    'pretrain',
    '--out',
    'killed',
    '--resume',
    '--no-tune',
  ]);
  let said = '';
  resumed.stderr!.on('data', (text) => {
    said += text;
    if (!resumed.killed && /epoch \d+\/400/.test(said)) resumed.kill('SIGINT');
  });
  const { code, stderr } = await end;
  assert.is(code, 130, stderr);
  assert.match(stderr, /killed: its lock is taken over from process \d+ on .+, which is gone/);
  assert.match(stderr, /stopped after step \d+, checkpoint saved/);
  assert.not(existsSync(join(folder, 'killed', 'run.lock')));
});

test('an unexpected error says in one line what failed and how to see where; then it shows', async () => {
  const args = [...pretrain, '--epochs', '1', '--learning-rate', '1e30', '--out', 'diverged'];
  const { code, stderr } = await runKindred(folder, args);
  assert.is(code, 1);
  assert.not.match(stderr, /^\s+at /m);
  const again = await runKindred(folder, [...args.slice(0, -1), 'again'], { KINDRED_DEBUG: '1' });
  assert.is(again.code, 1);
  assert.match(again.stderr, /^\s+at /m);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
