// From the process's start to the end of the first training step, with the driver's cache of compiled kernels empty
// (cold) and as the cold start left it (warm). The model is what `kindred train` chooses on a software adapter for the
// demo; drivers without such a cache start cold twice.
//   node bench/startup.mjs [--width 8] [--size 16] [--source 32] [--pairs 32] [--runs 3] [--json]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadKindred, median, options, report, round } from './support.mjs';

const given = options({ width: 8, size: 16, source: 32, pairs: 32, runs: 3, child: '' });
if (given.child) await start();
else await compare();

/** Fresh processes, cold and warm in turn. */
async function compare() {
  await loadKindred(given.build);
  const starts = { cold: [], warm: [] };
  let circumstances;
  for (let run = 0; run < given.runs; run++) {
    const cache = mkdtempSync(join(tmpdir(), 'kindred-startup-'));
    for (const temperature of Object.keys(starts)) {
      const { header, ...stages } = launch(cache);
      circumstances ??= header;
      starts[temperature].push(stages);
    }
    rmSync(cache, { recursive: true });
  }
  const rows = Object.entries(starts).map(([temperature, samples]) => {
    const middle = (stage) => round(median(samples.map((sample) => sample[stage])));
    const stages = Object.keys(samples[0]);
    return { start: temperature, ...Object.fromEntries(stages.map((stage) => [stage, middle(stage)])) };
  });
  report(given.json, circumstances, rows);
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
  const { ContrastivePretext, Engine, measureSpeed, presets } = await import(
    build ? join(process.cwd(), build, 'kindred.mjs') : '../dist/kindred.mjs'
  );
  const loaded = seconds();
  const engine = await Engine.create();
  const opened = seconds();
  const speed = await measureSpeed(engine);
  const measured = seconds();
  const images = 4 * pairs;
  const pixels = Uint8Array.from(
    { length: images * source ** 2 * 3 },
    (_, i) => (97 * i + ((i * i) >> 7)) & 255,
  );
  const simclr = await ContrastivePretext.create(
    engine,
    { pixels, size: source },
    {
      encoder: { depth: 18, width, stem: size <= 48 ? 'cifar' : 'imagenet' },
      projection: [8 * width, 128],
      batch: pairs,
      imageSize: size,
      temperature: 0.2,
      policy: presets.demo,
      optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
      seed: 1,
    },
  );
  const compiled = seconds();
  const chosen = Array.from({ length: pairs }, (_, i) => i);
  simclr.step(chosen, 0, 0.05);
  const loss = await simclr.loss();
  const stepped = seconds();
  if (!Number.isFinite(loss)) throw new Error(`the first step's loss is ${loss}`);
  const { user, system } = process.cpuUsage();
  const { circumstances } = await import('./support.mjs');
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
