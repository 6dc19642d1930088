// Does the default run show the promise? `train` on the demo without options, once a seed: the time it takes, the
// accuracy, the share of images labelled automatically, the error that was promised of these and their error by the
// hidden truth; and what supervised training from scratch, on the same labels, can promise.
//
//   node bench/promise/demo.mjs [--first 0] [--seeds 3] [--json]
//
// `automatic` counts among all images, given ones too. `promised alone` is the share of the held-out images that a
// method by itself can promise at the target, so that the two columns compare. Processor time is that of all threads of
// this process, a software adapter's too; half of it is what two quiet cores need at least.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { circumstances, loadKindred, options, percent, report } from '../support.mjs';

const settings = options({ first: 0, seeds: 3 });
const k = await loadKindred(settings.build);
const folder = mkdtempSync(join(tmpdir(), 'kindred-demo-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const note = (text) => console.error(String(text));
const reporter = { note, progress: () => {}, stoppable: () => {}, signal: new AbortController().signal };
const context = { files: k.platform.files, reporter, command: [], versions: {} };

/** The default run with one seed, its report, and what it took. */
async function runOnce(seed) {
  const before = process.cpuUsage();
  const start = performance.now();
  const outcome = await k.trainRun({ seed, out: join(folder, `${seed}`) }, context);
  const { user, system } = process.cpuUsage(before);
  return { ...outcome, wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 };
}

const shares = [];
const rows = [];
for (let seed = settings.first; seed < settings.first + settings.seeds; seed++) {
  const { report: found, costs, wall, cpu } = await runOnce(seed);
  const { comparison, counts, hiddenTruth, riskCoverage } = found;
  const images = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const chosen = comparison.rows.find((row) => row.chosen);
  const supervised = comparison.rows.find(({ method }) => method === 'supervised from scratch');
  const alone = (row) => (row?.automatic ? percent(row.automatic.share) : '–');
  rows.push({
    seed,
    'wall s': Math.round(wall),
    'cpu s': Math.round(cpu),
    labels: chosen.method,
    'right, all hidden': percent(hiddenTruth.all.accuracy),
    automatic: percent(counts.auto / images),
    promised: percent(riskCoverage.target),
    'wrong by hidden truth': hiddenTruth.auto ? percent(1 - hiddenTruth.auto.accuracy) : '–',
    'promised alone': alone(chosen),
    'supervised right': supervised?.heldOut ? percent(supervised.heldOut.mean) : '–',
    'supervised promised alone': alone(supervised),
  });
  shares.push({ seed, costs, comparison: comparison.rows });
}
const engine = await k.Engine.create();
report(settings.json, circumstances(engine), rows, { methods: shares });
engine.destroy();
