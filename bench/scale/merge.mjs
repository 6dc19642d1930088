// `kindred shard merge` on parts of very many images, 64 numbers each, made on the fly (see job.mjs): time, processor
// time, peak memory and the bytes of the results, for each number of images; whether these grow as the images do.
//   node bench/scale/merge.mjs [--images 100000,300000,1000000] [--labels 250] [--folder FOLDER] [--keep] [--json]
// Ten million images take 8 GB of disk. --methods as of merge; only what features alone decide is asked by default.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadKindred, options } from '../support.mjs';
import { makeJob } from './job.mjs';

const given = options({
  images: '100000,300000,1000000',
  labels: 250,
  methods: 'probe,knn',
  folder: '',
  shards: 32,
});
const kindred = await loadKindred(given.build);
const dist = given.build || fileURLToPath(new URL('../../dist', import.meta.url));
const cli = join(dist, 'cli.mjs');
// What a process took is told by itself, at its end.
const watcher = `process.on('exit', () => { const u = process.resourceUsage(); process.stderr.write('\\nusage ' + JSON.stringify({ peak: u.maxRSS * 1024, cpu: (u.userCPUTime + u.systemCPUTime) / 1e6 }) + '\\n'); })`;

const rows = [];
for (const images of given.images.split(',').map(Number)) {
  const folder = given.folder
    ? join(given.folder, `${images}`)
    : mkdtempSync(join(tmpdir(), 'kindred-merge-'));
  const job = join(folder, 'job');
  if (!existsSync(join(job, 'parts'))) {
    mkdirSync(folder, { recursive: true });
    await makeJob({ folder, cli, kindred, images, labels: given.labels, shards: given.shards });
  }
  const out = join(folder, 'merged');
  rmSync(out, { recursive: true, force: true });
  const begin = performance.now();
  const told = await merge(job, out);
  const seconds = (performance.now() - begin) / 1e3;
  const usage = JSON.parse(/\nusage (.*)\n/.exec(told)[1]);
  rows.push({
    images,
    seconds: Number(seconds.toFixed(1)),
    'images/s': Math.round(images / seconds),
    'cpu s': Number(usage.cpu.toFixed(1)),
    'peak MB': Math.round(usage.peak / 1e6),
    'labels.parquet MB': Number((statSync(join(out, 'labels.parquet')).size / 1e6).toFixed(1)),
    'labels.csv MB': Number((statSync(join(out, 'labels.csv')).size / 1e6).toFixed(1)),
    csv: (await digestOf(join(out, 'labels.csv'))).slice(0, 12),
    report: (await digestOf(join(out, 'report.json'))).slice(0, 12),
  });
  if (!given.folder) rmSync(folder, { recursive: true, force: true });
  if (!given.json) console.table(rows.slice(-1));
}
if (given.json) console.log(JSON.stringify(rows));
else console.table(rows);

function merge(job, out) {
  const flags = process.env.NODE_FLAGS?.split(' ') ?? [];
  const child = spawn(
    process.execPath,
    [
      ...flags,
      '--import',
      `data:text/javascript,${encodeURIComponent(watcher)}`,
      cli,
      'shard',
      'merge',
      job,
      '--out',
      out,
      '--methods',
      given.methods,
    ],
    { stdio: ['ignore', 2, 'pipe'] },
  );
  let told = '';
  child.stderr.on('data', (data) => {
    told += data;
    process.stderr.write(data);
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) => (code === 0 ? resolve(told) : reject(new Error(`merge ended with ${code}`))));
  });
}

async function digestOf(path) {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest('hex');
}
