// Whether a SimCLR step costs the same for an image whatever the batch, whatever the number of images in memory, and
// after however many steps.
//   node bench/scaling.mjs [--width 16 --size 32 --pairs 8,16,32,64 --images 500,5000,50000 --runs 7]
//                          [--steps 10000 --long-width 4 --long-size 16] [--json]
// The last of many steps are taken in turns with the first of a fresh model, so that other work on the machine meets both.
import {
  circumstances,
  loadKindred,
  median,
  options,
  percent,
  quantile,
  report,
  round,
  simclrSettings,
  somePixels,
  timed,
} from './support.mjs';

const given = options({
  width: 16,
  size: 32,
  pairs: '8,16,32,64',
  images: '500,5000,50000',
  runs: 7,
  steps: 10000,
  'long-width': 4,
  'long-size': 16,
});
const kindred = await loadKindred(given.build);
const engine = await kindred.Engine.create();
const numbers = (list) => list.split(',').map(Number);
const software = engine.gpu.capabilities.driver !== 'gpu';
const rows = [...(await byBatch()), ...(await byImages()), ...(await bySteps())];
report(given.json, circumstances(engine), rows);
engine.destroy();

function trainer({ images, ...step }) {
  const data = { pixels: somePixels(images, step.size), size: step.size };
  return kindred.PretextTrainer.create(engine, data, simclrSettings(kindred, step));
}

/** Milliseconds of one step: of the processor's time, all threads together, on a software adapter; else by the clock. */
async function take(model, { pairs, images }, step) {
  const chosen = Array.from({ length: pairs }, (_, i) => (step * pairs + i) % images);
  const { wall, cpu } = await timed(engine, () => model.step(chosen, step, 1e-3));
  return 1e3 * (software ? cpu : wall);
}

/** Takes the settings in turns. @returns their times */
async function inTurns(settings) {
  const sides = [];
  for (const setting of settings) sides.push({ setting, model: await trainer(setting), times: [] });
  for (let run = -1; run < given.runs; run++) {
    for (const { setting, model, times } of sides) {
      const time = await take(model, setting, run + 1);
      if (run >= 0) times.push(time);
    }
  }
  for (const { model } of sides) model.destroy();
  return sides.map(({ times }) => times);
}

function row(what, at, times, perImage) {
  const [ms, q1, q3] = [0.5, 0.25, 0.75].map((share) => round(quantile(times, share)));
  return { what, at, ms, q1, q3, 'ms an image': round(median(times) / perImage) };
}

async function byBatch() {
  const { width, size } = given;
  const settings = numbers(given.pairs).map((pairs) => ({ width, size, pairs, images: 500 }));
  const times = await inTurns(settings);
  const each = settings.map(({ pairs }, i) => median(times[i]) / pairs);
  const middle = median(each);
  return settings.map(({ pairs }, i) => ({
    ...row('batch', `${pairs} pairs`, times[i], pairs),
    'from linear': percent(each[i] / middle - 1),
  }));
}

async function byImages() {
  const { width, size } = given;
  const settings = numbers(given.images).map((images) => ({ width, size, pairs: 16, images }));
  const times = await inTurns(settings);
  return settings.map(({ images, pairs }, i) => ({
    ...row('images in memory', `${images}`, times[i], pairs),
    'from linear': percent(median(times[i]) / median(times[0]) - 1),
  }));
}

async function bySteps() {
  const setting = { width: given['long-width'], size: given['long-size'], pairs: 16, images: 500 };
  const old = await trainer(setting);
  const compared = Math.min(1000, Math.floor(given.steps / 10));
  const first = [];
  let allocated;
  let memory;
  for (let step = 0; step < given.steps - compared; step++) {
    const time = await take(old, setting, step);
    if (step < compared) first.push(time);
    if (step + 1 === compared) {
      allocated = engine.gpu.allocated.bytes;
      memory = process.memoryUsage().rss;
    }
  }
  const growth = process.memoryUsage().rss - memory;
  const created = engine.gpu.allocated.bytes - allocated;
  const fresh = await trainer(setting);
  const [last, again] = [[], []];
  for (let step = 0; step < compared; step++) {
    last.push(await take(old, setting, given.steps - compared + step));
    again.push(await take(fresh, setting, step));
  }
  const from = (times) => percent(median(times) / median(again) - 1);
  return [
    row('steps', `first ${compared}`, first, 16),
    {
      ...row('steps', `first ${compared} of a fresh model, in turns with the last`, again, 16),
      'from linear': from(again),
    },
    { ...row('steps', `last ${compared} of ${given.steps}`, last, 16), 'from linear': from(last) },
    {
      what: 'memory gained since then',
      at: `${created} bytes on the adapter, ${round(growth / 2 ** 20)} MiB in the process`,
    },
  ];
}
