// Is a build slower than another? Kernels and whole programs of both in turns, as ratios of their times with intervals of
// 95%; exit code 1 where one is slower by more than 3%, twice: of so many intervals some miss by chance.
//   node bench/regress.mjs BEFORE NOW [--only step,matmul] [--runs 9] [--json]
// BEFORE and NOW are folders with builds of the library, say dist/ and that of a worktree at another commit.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inTurns, programs } from './regress/programs.mjs';
import { openSides } from './roofline.mjs';
import { circumstances, medianInterval, report, round } from './support.mjs';

/** A build is slower where even the upper end of the interval of before ÷ now is below this. */
const slower = 1 / 1.03;
const kernels = ['matmul', 'conv', 'batch_norm', 'augment', 'attention'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    runs: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
// The median of fewer runs has no interval of 95%.
if (positionals.length !== 2 || !(runs >= 6)) {
  console.error(
    'usage: node bench/regress.mjs BEFORE NOW [--only step,matmul] [--runs 9, 6 at least] [--json]',
  );
  process.exit(2);
}
const [before, now] = positionals;
const wanted = values.only.split(',');
const isWanted = (name) => wanted.some((part) => name.includes(part));
const rows = [];

const sides = [];
for (const folder of [before, now]) sides.push(...(await openSides({ build: folder })));
for (const bench of kernels.filter(isWanted)) await twice(async () => ofBench(bench));
for (const [name, make] of Object.entries(programs))
  if (isWanted(name)) await twice(async () => [await ofProgram(name, make)]);
const header = circumstances(sides[0].engine);
for (const { engine } of sides) engine.destroy();
report(values.json, header, rows);
process.exitCode = rows.some(({ verdict }) => verdict === 'slower') ? 1 : 0;

/** Measures, and again where something is slower: only what is so again stays so. */
async function twice(measure) {
  const first = await measure();
  const doubtful = first.some(({ verdict }) => verdict === 'slower');
  const second = doubtful ? await measure() : first;
  rows.push(...second.map((row, i) => (first[i].verdict === 'slower' ? row : first[i])));
}

async function ofProgram(name, make) {
  const times = await inTurns(make, sides, runs);
  const ratios = times.map(([old, own]) => old / own);
  return rowOf('programs', name, ratios);
}

/** The kernels of a bench, which takes turns itself. */
function ofBench(bench) {
  const script = fileURLToPath(new URL(`${bench}.mjs`, import.meta.url));
  const args = [script, '--build', now, '--against', before, '--runs', String(runs), '--json'];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${bench}.mjs failed`);
  return JSON.parse(stdout).rows.map(({ ratios, ...row }) => {
    const names = Object.keys(row).slice(0, Object.keys(row).indexOf('ms'));
    return rowOf(bench, names.map((key) => row[key]).join(' '), ratios);
  });
}

function rowOf(bench, what, ratios) {
  const { median, low, high } = medianInterval(ratios);
  const verdict = high < slower ? 'slower' : low > 1 ? 'faster' : '';
  const row = { bench, what, 'before ÷ now': round(median), low: round(low), high: round(high), verdict };
  console.error(`${bench}, ${what}: ${row['before ÷ now']} (${row.low} – ${row.high}) ${verdict}`);
  return row;
}
