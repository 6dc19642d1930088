// The whole training step on both software drivers, in turns: how many times as long SwiftShader takes as llvmpipe.
//   KINDRED_DRIVER=swiftshader npm run setup
//   node bench/step/drivers.mjs [--rounds 3] [any option of step.mjs] [--json]
// Each driver is loaded into a process of its own, so each round starts bench/step.mjs twice.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median, printTable, round } from '../support.mjs';

const given = process.argv.slice(2).filter((option) => option !== '--json');
const at = given.indexOf('--rounds');
const rounds = at < 0 ? 3 : Number(given.splice(at, 2)[1]);
const drivers = { llvmpipe: [], swiftshader: [] };
let header;
for (let i = 0; i < rounds; i++) {
  for (const [driver, steps] of Object.entries(drivers)) {
    const result = step(driver);
    header ??= { cores: result.cores, node: result.node, webgpu: result.webgpu, date: result.date };
    steps.push(result.rows[0]);
  }
}
const rows = Object.entries(drivers).map(([driver, steps]) => ({
  driver,
  ms: round(median(steps.map((row) => row.ms))),
  'cpu ms': round(median(steps.map((row) => row['cpu ms']))),
  'times llvmpipe': round(median(steps.map((row, i) => row.ms / drivers.llvmpipe[i].ms))),
  '… by cpu': round(median(steps.map((row, i) => row['cpu ms'] / drivers.llvmpipe[i]['cpu ms']))),
}));
if (process.argv.includes('--json')) console.log(JSON.stringify({ ...header, rounds, rows }, null, 2));
else printTable(rows);

function step(driver) {
  const bench = fileURLToPath(new URL('../step.mjs', import.meta.url));
  const env = { ...process.env, KINDRED_DRIVER: driver === 'llvmpipe' ? 'system' : driver };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bench, '--json', ...given], {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const result = status === 0 ? JSON.parse(stdout) : undefined;
  if (result?.driver === driver) return result;
  const found = result
    ? `the adapter found is ${result.driver}`
    : (stderr.match(/^\w*Error: .*/m)?.[0] ?? stderr);
  console.error(`${driver} is not to be had here: ${found}`);
  process.exit(1);
}
