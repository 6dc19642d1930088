// kindred beside other engines: each does the same work on the same adapter, in turns, with the same polite waiting.
//   npm install --ignore-scripts --prefix bench/peers
//   node bench/peers/compare.mjs [--works matmul,conv] [--engines tensorflow,jax,torch,cuda,onnxruntime] [--runs 5] [--budget 20]
//                                [--threads 2] [--json]
// A work is taken whose name contains one of --works. An engine whose runs of one work took --budget seconds makes no
// further ones. What an engine cannot do, and why, is said; so is one that is not installed.
import { create } from 'webgpu';
import { circumstances, loadKindred, options, quantile, report, round } from '../support.mjs';
import { encoderOf, initialWeights, open as openKindred } from './kindred.mjs';
import { CannotError, flopsOf, inputsOf, works } from './works.mjs';

const given = options({
  works: '',
  engines: 'tensorflow,jax,torch,cuda,onnxruntime',
  runs: 5,
  budget: 20,
  threads: 2,
});
const notes = [];
const note = (text) => {
  notes.push(text);
  if (!given.json) console.log(text);
};
const kindred = await loadKindred(given.build);
const engine = await kindred.Engine.create();
const engines = [openKindred({ kindred, engine }), ...(await openPeers())];
const wanted = given.works.split(',');
const chosen = Object.entries(works).filter(([name]) => wanted.some((part) => name.includes(part)));
const rows = [];
for (const [name, work] of chosen) rows.push(...(await compare(name, work)));
const versions = Object.fromEntries(
  engines
    .slice(1)
    .map(({ name, version, details }) => [name, [version, details].filter(Boolean).join(' · ')]),
);
report(given.json, { ...circumstances(engine), ...versions }, rows, { notes });
for (const { close } of engines) close?.();
engine.destroy();
// The peers' devices have no owner that could give them back.
process.exit(0);

async function openPeers() {
  const { dawn, devices } = shareAdapter();
  const context = { dawn, devices, wait: (pending) => engine.gpu.wait(pending), threads: given.threads };
  const modules = {
    tensorflow: () => import('./tensorflow.mjs').then(({ open }) => open(context)),
    jax: () => import('./jax.mjs').then(({ open }) => open(context)),
    torch: () => import('./torch.mjs').then(({ open }) => open({ ...context, device: 'cpu' })),
    cuda: () => import('./torch.mjs').then(({ open }) => open({ ...context, device: 'cuda' })),
    onnxruntime: () => import('./onnxruntime.mjs').then(({ open }) => open(context)),
  };
  const peers = [];
  for (const name of given.engines.split(',').filter(Boolean)) {
    try {
      peers.push(await modules[name]());
    } catch (error) {
      note(`skipped ${name}: ${error.message.split('\n')[0]}`);
    }
  }
  return peers;
}

/**
 * Gives peers the adapter that kindred chose, as browsers do through `navigator.gpu`, and keeps the devices that they
 * make: Dawn's promises are then awaited kindred's way, without spinning.
 */
function shareAdapter() {
  const dawn = create(['enable-dawn-features=allow_unsafe_apis']);
  const devices = [];
  const gpu = {
    getPreferredCanvasFormat: () => 'bgra8unorm',
    wgslLanguageFeatures: dawn.wgslLanguageFeatures,
    async requestAdapter(wishes) {
      const adapter = await dawn.requestAdapter(wishes);
      const requestDevice = async (descriptor = {}) => {
        // TensorFlow.js nests one of its feature names in a list.
        const requiredFeatures = [...(descriptor.requiredFeatures ?? [])].flat();
        const device = await adapter.requestDevice({ ...descriptor, requiredFeatures });
        devices.push(device);
        return device;
      };
      const { features, limits, info } = adapter;
      return { features, limits, info, requestDevice };
    },
  };
  const navigator = { gpu, userAgent: 'Node', hardwareConcurrency: given.threads };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  return { dawn, devices };
}

/** What all engines start a work from. */
async function weightsOf(work) {
  const side = { kindred, engine };
  if (work.kind === 'features') return encoderOf(side, work);
  return work.kind === 'step' ? initialWeights(side) : {};
}

/** One work in all engines. */
async function compare(name, work) {
  const inputs = inputsOf(work);
  const weights = await weightsOf(work);
  const entries = [];
  let expected;
  for (const one of engines) {
    try {
      const start = performance.now();
      const prepare = one.prepare[work.kind];
      if (!prepare) throw new CannotError('it is not asked to');
      const prepared = await prepare(work, inputs, weights);
      const values = await prepared.values();
      expected ??= values;
      const first = (performance.now() - start) / 1e3;
      entries.push({ name: one.name, ...prepared, first, difference: differ(values, expected), samples: [] });
    } catch (error) {
      if (one === engines[0]) throw error;
      const reason = error instanceof CannotError ? 'cannot' : 'failed';
      note(`${one.name}, ${name}: ${reason}: ${error.message.split('\n')[0]}`);
    }
  }
  for (let run = 0; run < given.runs; run++) {
    for (const entry of entries) {
      const spent = entry.samples.reduce((sum, { wall }) => sum + wall, 0);
      if (run > 0 && spent > given.budget) continue;
      const cpu = process.cpuUsage();
      const start = performance.now();
      const own = await entry.run();
      const wall = (performance.now() - start) / 1e3;
      const { user, system } = process.cpuUsage(cpu);
      entry.samples.push(own ?? { wall, cpu: (user + system) / 1e6 });
    }
  }
  const flops = flopsOf(work, kindred);
  return entries.map((entry) => describe(name, flops, entry, entries[0]));
}

function describe(work, flops, { name, samples, first, difference }, ours) {
  const middle = (key) =>
    quantile(
      samples.map((sample) => sample[key]),
      0.5,
    );
  const walls = samples.map(({ wall }) => 1e3 * wall);
  const ratio = (key) =>
    round(
      quantile(
        // Either may have come to its budget first.
        samples.slice(0, ours.samples.length).map((sample, i) => sample[key] / ours.samples[i][key]),
        0.5,
      ),
    );
  return {
    work,
    engine: name,
    ms: round(1e3 * middle('wall')),
    q1: round(quantile(walls, 0.25)),
    q3: round(quantile(walls, 0.75)),
    'best ms': round(Math.min(...walls)),
    'cpu ms': round(1e3 * middle('cpu')),
    'GFLOP/s': round(flops / middle('wall') / 1e9),
    'first run s': round(first),
    'time / ours': ratio('wall'),
    'cpu time / ours': ratio('cpu'),
    'differs by': difference.toExponential(1),
  };
}

/** Largest difference of any value, relative to the largest value of its array. */
function differ(values, expected) {
  return Math.max(
    ...expected.map((array, i) => {
      let [most, largest] = [0, 0];
      if (values[i].length !== array.length) return Number.POSITIVE_INFINITY;
      for (let j = 0; j < array.length; j++) {
        most = Math.max(most, Math.abs(values[i][j] - array[j]));
        largest = Math.max(largest, Math.abs(array[j]));
      }
      return most / largest;
    }),
  );
}
