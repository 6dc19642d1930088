// Runs the built tests: node test/run.mjs [--timeout=SECONDS] [part of a path…]
//
// uvu alone would pass a folder without a test, a file whose tests never ran and a test that never ends. So each
// file is a process of its own, and fails unless it reports at least one test, within the time limit, and then exits by
// itself. Two at once, since much of a file is one thread that compiles kernels; one where tasks are timed.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string', default: join(root, 'dist', 'test') },
    timeout: { type: 'string', default: '300' },
    linger: { type: 'string', default: '10' },
    'at-once': { type: 'string', default: availableParallelism() > 1 ? '2' : '1' },
  },
});

/** Names the adapter that the others use; so it always runs, and first. */
const adapterTest = 'adapter.test.mjs';

/** Files that time frames, tasks or kernels. */
const alone = /^web\/|^(cli\/tune|gpu\/point_map|kernels\/tuning\/(search|tuner))\./;

function findTests() {
  if (!existsSync(options.folder)) return [];
  const names = readdirSync(options.folder, { recursive: true }).map((name) => name.split(sep).join('/'));
  const tests = names.filter((name) => name.endsWith('.test.mjs') && name !== adapterTest).sort();
  const wanted = tests.filter((name) => filters.length === 0 || filters.some((part) => name.includes(part)));
  return wanted.length > 0 && names.includes(adapterTest) ? [adapterTest, ...wanted] : wanted;
}

/** What ends each file that is running. */
const running = new Set();

/** Runs one file to its end, or to the end of our patience. */
function runFile(name) {
  const start = performance.now();
  // A group of its own, so that what a test starts (a browser, say) ends with it.
  const detached = process.platform !== 'win32';
  const env = { ...process.env, FORCE_COLOR: '0' };
  const stdio = ['ignore', 'pipe', 'pipe'];
  const child = spawn(process.execPath, [join(options.folder, name)], { stdio, detached, env });
  const stop = () => {
    try {
      if (detached) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      // Already gone.
    }
  };
  running.add(stop);
  let output = '';
  let problem;
  const end = (reason) => () => {
    problem = reason;
    stop();
  };
  const limit = setTimeout(end(`took longer than ${options.timeout} s`), options.timeout * 1000);
  let linger;
  const collect = (text) => {
    output += text;
    if (linger || count(output, 'Skipped') === undefined) return;
    linger = setTimeout(
      end(`did not exit within ${options.linger} s after its results`),
      options.linger * 1000,
    );
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', collect);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ name, ...judge('', error.message), output, seconds: 0 }));
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      clearTimeout(linger);
      stop();
      running.delete(stop);
      problem ??= signal ? `was stopped by ${signal}` : code !== 0 && `ended with exit code ${code}`;
      // The last output can arrive after the exit.
      child.on('close', () => {
        resolve({ name, ...judge(output, problem), output, seconds: (performance.now() - start) / 1000 });
      });
    });
  });
}

/** The last figure that uvu printed beside a label. */
function count(output, label) {
  const figure = [...output.matchAll(new RegExp(`^ {2}${label}: +(\\d+)\\s*$`, 'gm'))].at(-1)?.[1];
  return figure === undefined ? undefined : Number(figure);
}

function judge(output, ending) {
  const total = count(output, 'Total') ?? 0;
  const passed = count(output, 'Passed') ?? 0;
  const skipped = count(output, 'Skipped') ?? 0;
  const failed = total - passed;
  // uvu's own exit code says no more than its count does.
  if (ending && (failed === 0 || !ending.startsWith('ended')))
    return { passed, skipped, failed: failed + 1, problem: ending };
  if (passed + failed + skipped === 0) return { passed, skipped, failed: 1, problem: 'ran no test' };
  return { passed, skipped, failed };
}

function report({ name, passed, failed, skipped, problem, output, seconds }) {
  const figures = `${passed} passed${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}`;
  console.log(
    `${failed ? 'FAIL' : 'ok  '} ${name.replace(/\.mjs$/, '')}  ${figures}  ${seconds.toFixed(1)} s`,
  );
  if (failed) console.log(`${output.trimEnd()}\n${problem ? `${name} ${problem}` : ''}`);
  // What a reader should see of a test that passed: the adapter, and what was skipped and why.
  else for (const line of output.match(/^(Adapter|SKIPPED).*$/gm) ?? []) console.log(`     ${line}`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const stop of running) stop();
    process.exit(130);
  });
}

const sum = { passed: 0, failed: 0, skipped: 0 };
const tests = findTests();

/** @returns whether all of the file's tests passed */
async function runAndReport(name) {
  const result = await runFile(name);
  report(result);
  for (const key of Object.keys(sum)) sum[key] += result[key];
  return result.failed === 0;
}

/** Runs files, so many at once. */
async function runAll(names, most) {
  const left = [...names];
  const lane = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) await runAndReport(name);
  };
  await Promise.all(Array.from({ length: most }, lane));
}

// Without an adapter most others would fail, each in its own words.
const [first, ...others] = tests;
if (first !== undefined && ((await runAndReport(first)) || first !== adapterTest)) {
  await runAll(
    others.filter((name) => !alone.test(name)),
    Number(options['at-once']),
  );
  await runAll(
    others.filter((name) => alone.test(name)),
    1,
  );
}
if (tests.length === 0)
  console.log(`no test in ${options.folder} matches ${filters.join(', ') || '*.test.mjs'}`);
else if (sum.passed === 0 && sum.failed === 0) console.log('every test was skipped');
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.passed > 0 && sum.failed === 0 ? 0 : 1;
