// Training over MPI: what a step exchanges, what that costs here, and what steps on more machines would take.
//   node bench/cluster.mjs [--width 64 --size 32 --pairs 32 --ranks 2,4 --runs 3] [--json]
// On a software adapter seconds are processor time over cores. Ranks on one machine share its cores, so that a step of theirs is to take as long as one process's with the whole batch.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureLink, measureSteps } from './cluster/rank.mjs';
import { loadKindred, options, percent, printTable, round } from './support.mjs';

const given = options({ width: 64, size: 32, pairs: 32, ranks: '2,4', runs: 3, result: '' });
const kindred = await loadKindred(given.build);
const ranks = await kindred.openRanks({});
if (ranks) {
  const link = await measureLink(ranks);
  const step = await measureSteps(kindred, ranks, given);
  if (ranks.link.rank === 0)
    writeFileSync(given.result, JSON.stringify({ ...link, ...step, library: ranks.link.library }));
  await ranks.link.leave();
  process.exit(0);
}

/** The bench on so many ranks of this machine, each with an equal share of the pairs. */
function onRanks(count) {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-cluster-'));
  const result = join(folder, 'result.json');
  const launch = ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', '-n', `${count}`];
  const passed = ['width', 'size', 'pairs', 'runs'].map((name) => `--${name}=${given[name]}`);
  const self = [fileURLToPath(import.meta.url), ...passed, `--build=${given.build}`, `--result=${result}`];
  try {
    const { status } = spawnSync('mpirun', [...launch, process.execPath, ...self], {
      stdio: ['ignore', 2, 2],
    });
    if (status !== 0) throw new Error(`mpirun ended with ${status}`);
    return JSON.parse(readFileSync(result, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const alone = await measureSteps(kindred, undefined, given);
const counts = given.ranks.split(',').map(Number);
const here = [];
for (const count of counts) {
  // What a rank does for its share, and anew whatever its share is.
  const share = await measureSteps(kindred, undefined, { ...given, pairs: given.pairs / count });
  const found = onRanks(count);
  const computing = alone.isSoftware ? count * share.seconds : share.seconds;
  const sending = found.exchanges * found.latency + found.bytes / found.bandwidth;
  here.push({
    ranks: count,
    'step s': round(found.seconds),
    'predicted s': round(computing + sending),
    'of one process': percent(found.seconds / alone.seconds),
    exchanges: found.exchanges,
    'MB sent': round(found.bytes / 1e6),
    'latency µs': round(1e6 * found.latency),
    'MB/s': round(found.bandwidth / 1e6),
    'sending, of step': percent(sending / found.seconds),
    'exchanges, of step': percent(found.lastToCome / found.wall),
    'and slower ranks': percent(found.waiting / found.wall),
  });
}

/** Links of clusters, and what one exchange costs on them beside its bytes: so much for each doubling of ranks. */
const networks = [
  { network: '1 Gb/s', bytes: 1e9 / 8, hop: 50e-6 },
  { network: '10 Gb/s', bytes: 10e9 / 8, hop: 20e-6 },
  { network: '100 Gb/s', bytes: 100e9 / 8, hop: 3e-6 },
];

/**
 * A step of machines like this one, each with all pairs of the bench as its share. Gradients go out and come back once,
 * (N − 1)/N of them each way; the exchanges of batch norm and of the projections are small. A piece of an exchange that
 * is read from the device and written to it costs what it costs here.
 */
function predict(count, { bytes, hop }, { exchanges, local }) {
  if (count === 1) return alone.seconds;
  const gradients = (2 * 4 * alone.parameters * (count - 1)) / count;
  const projections = (count - 1) * given.pairs * 2 * 128 * 4;
  return alone.seconds + exchanges * (local + hop * Math.log2(count)) + (gradients + projections) / bytes;
}

const [first] = here;
const exchanges = first?.exchanges ?? 0;
const local = (first?.['latency µs'] ?? 0) / 1e6;
const predicted = [1, 2, 4, 8, 16, 32, 64].map((count) => ({
  ranks: count,
  ...Object.fromEntries(
    networks.flatMap((network) => {
      const seconds = predict(count, network, { exchanges, local });
      return [
        [`${network.network} s`, round(seconds)],
        [`${network.network} efficiency`, percent(alone.seconds / seconds)],
      ];
    }),
  ),
}));

const header = {
  adapter: alone.description,
  cores: availableParallelism(),
  width: given.width,
  size: given.size,
  pairs: given.pairs,
  parameters: alone.parameters,
  'one process, s a step': round(alone.seconds),
  'processor s': round(alone.cpu),
};
if (given.json) console.log(JSON.stringify({ ...header, here, predicted }, null, 2));
else {
  console.log(
    Object.entries(header)
      .map(([name, value]) => `${name} ${value}`)
      .join('  '),
  );
  console.log('\nranks on this machine, which share its cores:');
  printTable(here);
  console.log('\nranks on machines of their own, each with these pairs (predicted):');
  printTable(predicted);
}
