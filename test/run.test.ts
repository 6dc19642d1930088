import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

// This file is built to dist/test/run.test.mjs; uvu is found from there.
const here = dirname(fileURLToPath(import.meta.url));
const runner = join(here, '..', '..', 'test', 'run.mjs');

const head = "import { test } from 'uvu';\n";
const pass = `${head}test('passes', () => {});\n`;

/** What the runner says about a folder that holds these files. */
function run(files: Record<string, string>, ...options: string[]) {
  const folder = mkdtempSync(join(here, 'run-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const result = spawnSync(process.execPath, [runner, `--folder=${folder}`, ...options], {
      encoding: 'utf8',
    });
    return { code: result.status, output: result.stdout, last: result.stdout.trimEnd().split('\n').at(-1) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('tests that pass exit with 0 and are counted over all files', () => {
  const { code, last } = run({ 'a.test.mjs': `${pass}test.run();`, 'in/b.test.mjs': `${pass}test.run();` });
  assert.is(code, 0);
  assert.is(last, '2 passed, 0 failed, 0 skipped');
});

test('a failing test fails the run and shows its message', () => {
  const { code, output, last } = run({
    'a.test.mjs': `${pass}test('fails', () => { throw new Error('reason 17'); });\ntest.run();`,
  });
  assert.is(code, 1);
  assert.match(output, 'reason 17');
  assert.is(last, '1 passed, 1 failed, 0 skipped');
});

test('a folder without a test fails, and so does a filter that matches none', () => {
  assert.is(run({ 'readme.txt': '' }).code, 1);
  assert.is(run({ 'a.test.mjs': `${pass}test.run();` }, 'zzz').code, 1);
});

test('a file that never runs its tests fails', () => {
  const { code, output } = run({ 'a.test.mjs': pass });
  assert.is(code, 1);
  assert.match(output, 'ran no test');
});

test('a file that throws before its first test fails', () => {
  const { code, last } = run({ 'a.test.mjs': `${pass}test.run();\nthrow new Error('early');` });
  assert.is(code, 1);
  assert.match(last ?? '', '1 failed');
});

test('a test whose promise never settles fails', () => {
  const { code } = run({ 'a.test.mjs': `${head}test('hangs', () => new Promise(() => {}));\ntest.run();` });
  assert.is(code, 1);
});

test('a failing before hook fails, though uvu itself exits with 0', () => {
  const { code } = run({
    'a.test.mjs': `${pass}test.before(() => { throw new Error('no'); });\ntest.run();`,
  });
  assert.is(code, 1);
});

test('a file that takes too long is stopped and fails', () => {
  const { code, output } = run({ 'a.test.mjs': 'setInterval(() => {}, 1000);' }, '--timeout=0.5');
  assert.is(code, 1);
  assert.match(output, 'took longer than 0.5 s');
});

test('a process that stays alive after its results fails', () => {
  const { code, output } = run(
    { 'a.test.mjs': `${pass}setInterval(() => {}, 1000);\ntest.run();` },
    '--linger=0.5',
  );
  assert.is(code, 1);
  assert.match(output, 'did not exit');
});

test('skipped tests are counted, and alone they are no success', () => {
  const skip = `${head}test.skip('later', () => {});\n`;
  const mixed = run({ 'a.test.mjs': `${skip}test('passes', () => {});\ntest.run();` });
  assert.is(mixed.last, '1 passed, 0 failed, 1 skipped');
  assert.is(mixed.code, 0);
  assert.is(run({ 'a.test.mjs': `${skip}test.run();` }).code, 1);
});

test('where the adapter test fails nothing else runs', () => {
  const { code, output } = run({
    'adapter.test.mjs': `${head}test('none', () => { throw new Error('no adapter'); });\ntest.run();`,
    'a.test.mjs': `${pass}test.run();`,
  });
  assert.is(code, 1);
  assert.not.match(output, 'a.test');
});

test.run();
