// Which variant of the product kernels is fastest here, for each class of shapes in whole training steps and in
// encoding, against the default: what the project ships for adapters like this one.
//   node bench/tune.mjs [--steps 8x16x32,16x32x16,64x32x8] [--only gradient,matmul] [--seconds 60] [--duels 3] [--write] [--json]
//
// Steps are width × side × pairs. A search finds a candidate, which then meets the default in duels, and is chosen where
// it is at least 5% faster in the median and never slower: on software adapters by processor time, and by the clock no
// slower in the median, since processor time does not see idle cores. With --write the choices go to
// src/kernels/tuning/shipped_choices.json, beside those of other adapters, and of other classes where the kernels are the same.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  circumstances,
  loadKindred,
  median,
  report,
  round,
  simclrSettings,
  somePixels,
  timed,
} from './support.mjs';

const { values: given } = parseArgs({
  options: {
    steps: { type: 'string', default: '8x16x32,16x32x16,64x32x8' },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '60' },
    duels: { type: 'string', default: '3' },
    build: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
// What the user's own cache holds must not answer.
const cache = mkdtempSync(join(tmpdir(), 'kindred-tune-'));
// Mesa's kernels stay where they are.
process.env.MESA_SHADER_CACHE_DIR ||= process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
process.env.XDG_CACHE_HOME = cache;
const kindred = await loadKindred(given.build);
const engine = await kindred.Engine.create();
const { choices } = engine;
const { capabilities } = engine.gpu;
const software = capabilities.driver !== 'gpu';
// Other work on the machine hardly moves processor time.
const steady = software ? { clock: processorTime } : {};
choices.clear();
for (const step of given.steps.split(',')) await recordStep(...step.split('x').map(Number));
const end = performance.now() + 1e3 * Number(given.seconds);
const rows = [];
const wishes = choices.wishes.filter(({ key }) => given.only.split(',').some((part) => key.includes(part)));
for (const wish of wishes) {
  if (performance.now() > end) break;
  rows.push(await compare(wish.problem()));
  if (!given.json) console.error(`${rows.length} of ${wishes.length}  ${JSON.stringify(rows.at(-1))}`);
}
const left = wishes.length - rows.length;
report(given.json, { ...circumstances(engine), 'classes left': left }, rows);
if (given.write) await write();
engine.destroy();
rmSync(cache, { recursive: true });

/** Meets the classes of a SimCLR step and of encoding with its network. */
async function recordStep(width, size, pairs) {
  const pixels = somePixels(pairs, size);
  const settings = simclrSettings(kindred, { width, size, pairs });
  const pretext = await kindred.PretextTrainer.create(engine, { pixels, size }, settings);
  const options = { pixels, sourceSize: size, imageSize: size, batch: 64 };
  const extract = await kindred.featureExtractor(engine, pretext.encoder, options);
  extract.destroy();
  pretext.destroy();
}

async function compare(problem) {
  const onRefused = (message) => console.error(message);
  const found = await kindred.search(engine.gpu, problem, { onRefused, ...steady });
  const standard = problem.candidates[0].name;
  const best = found?.best ?? standard;
  const row = { class: problem.key, default: standard, chosen: standard, found: best };
  if (best === standard) return { ...row, ms: null, 'its ms': null, faster: null, 'by the clock': null };
  // Each is a form of its own here, so that the search races just these two.
  const rivals = [standard, best].map((name) => problem.candidates.find((one) => one.name === name));
  const duel = { ...problem, candidates: rivals.map((one) => ({ ...one, form: one.name })) };
  const meet = async (options) => {
    const result = await kindred.search(engine.gpu, duel, options);
    return rivals.map(({ name }) => result?.milliseconds.get(name) ?? Number.POSITIVE_INFINITY);
  };
  const [ratios, clockRatios, times] = [[], [], []];
  for (let i = 0; i < Number(given.duels); i++) {
    times.push(await meet({}));
    const [before, after] = software ? await meet(steady) : times.at(-1);
    ratios.push(before / after);
    clockRatios.push(times.at(-1)[0] / times.at(-1)[1]);
  }
  const isFaster = median(ratios) >= 1.05 && Math.min(...ratios, median(clockRatios)) >= 1;
  const [ms, itsMs] = [0, 1].map((side) => round(median(times.map((pair) => pair[side]))));
  const text = (values) => values.map(round).join(' ');
  const figures = { ms, 'its ms': itsMs, faster: text(ratios), 'by the clock': text(clockRatios) };
  return { ...row, chosen: isFaster ? best : standard, ...figures };
}

async function processorTime(program) {
  return 1e3 * (await timed(engine, () => program.run())).cpu;
}

/** Software adapters are never tuned unasked, so of theirs only what differs from the default need be known. */
async function write() {
  const file = new URL('../src/kernels/tuning/shipped_choices.json', import.meta.url);
  const shipped = JSON.parse(readFileSync(file, 'utf8'));
  const adapter = kindred.shippedName(capabilities);
  const kernels = await kindred.kernelsHash();
  // Of other kernels nothing holds.
  const before = shipped[adapter]?.kernels === kernels ? shipped[adapter].choices : {};
  const table = new Map(Object.entries(before));
  for (const { class: key, default: standard, chosen } of rows) {
    if (software && chosen === standard) table.delete(key);
    else table.set(key, chosen);
  }
  const sorted = [...table].sort(([a], [b]) => (a < b ? -1 : 1));
  const { [adapter]: _, ...others } = shipped;
  const all =
    table.size === 0 ? others : { ...others, [adapter]: { kernels, choices: Object.fromEntries(sorted) } };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}
