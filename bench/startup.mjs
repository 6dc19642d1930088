// From the process's start to the end of the first training step, with the driver's cache of compiled kernels empty
// (cold) and as the cold start left it (warm). The model is what `kindred train` chooses for the demo on two processor
// cores with llvmpipe; drivers without such a cache start cold twice.
//   node bench/startup.mjs [--width 16] [--size 16] [--source 32] [--pairs 32] [--runs 3] [--json]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  circumstances,
  importBuild,
  loadKindred,
  median,
  options,
  report,
  round,
  simclrSettings,
  somePixels,
} from './support.mjs';

const given = options({ width: 16, size: 16, source: 32, pairs: 32, runs: 3, child: '' });
if (given.child) await start();
else await compare();

/** Fresh processes, cold and warm in turn. */
async function compare() {
  await loadKindred(given.build);
  const starts = { cold: [], warm: [] };
  let machine;
  for (let run = 0; run < given.runs; run++) {
    const cache = mkdtempSync(join(tmpdir(), 'kindred-startup-'));
    for (const temperature of Object.keys(starts)) {
      const { header, ...stages } = launch(cache);
      machine ??= header;
      starts[temperature].push(stages);
    }
    rmSync(cache, { recursive: true });
  }
  const rows = Object.entries(starts).map(([temperature, samples]) => {
    const middle = (stage) => round(median(samples.map((sample) => sample[stage])));
    const stages = Object.keys(samples[0]);
    return { start: temperature, ...Object.fromEntries(stages.map((stage) => [stage, middle(stage)])) };
  });
  report(given.json, machine, rows);
}

/** NVIDIA's, AMD's and Intel's open drivers and llvmpipe are of Mesa or keep their caches where these say. */
function launch(cache) {
  const env = { ...process.env, MESA_SHADER_CACHE_DIR: cache, __GL_SHADER_DISK_CACHE_PATH: cache };
  const names = ['width', 'size', 'source', 'pairs', 'build'];
  const args = names.flatMap((name) => (given[name] === '' ? [] : [`--${name}`, String(given[name])]));
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--child', 'yes', ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) process.exit(child.status ?? 1);
  return JSON.parse(child.stdout);
}

/** One start; `performance.now()` counts from the process's. Seconds of each stage's end. */
async function start() {
  const { build, width, size, source, pairs } = given;
  const seconds = () => performance.now() / 1e3;
  const kindred = await importBuild(
    build ? resolve(build) : fileURLToPath(new URL('../dist', import.meta.url)),
  );
  const loaded = seconds();
  const engine = await kindred.Engine.create();
  const opened = seconds();
  const speed = await kindred.measureSpeed(engine);
  const measured = seconds();
  const data = { pixels: somePixels(4 * pairs, source), size: source };
  const settings = { ...simclrSettings(kindred, { width, size, pairs }), policy: kindred.presets.demo };
  const simclr = await kindred.PretextTrainer.create(engine, data, settings);
  const compiled = seconds();
  const chosen = Array.from({ length: pairs }, (_, i) => i);
  simclr.step(chosen, 0, 0.05);
  const loss = await simclr.loss();
  const stepped = seconds();
  if (!Number.isFinite(loss)) throw new Error(`the first step's loss is ${loss}`);
  const { user, system } = process.cpuUsage();
  console.log(
    JSON.stringify({
      header: circumstances(engine, speed),
      'modules loaded, s': loaded,
      'device open': opened,
      'speed measured': measured,
      'kernels compiled': compiled,
      'first step done': stepped,
      'cpu seconds': (user + system) / 1e6,
      pipelines: engine.gpu.pipelines.size,
    }),
  );
  engine.destroy();
}
