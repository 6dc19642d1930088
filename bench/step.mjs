// A whole SimCLR training step: augmentation, ResNet-18, projection head, NT-Xent, backward, SGD.
//   node bench/step.mjs [--width 16] [--size 32] [--pairs 16] [--precision f32|f16] [--runs 10] [--json]
// Steps of other methods beside SimCLR's, in turns: the time of a whole view encoded, as a multiple of SimCLR's.
//   node bench/step.mjs --method byol,moco,… | all [--images 1000] …
import { compareMethods } from './step/methods.mjs';
import {
  byKernel,
  circumstances,
  loadKindred,
  median,
  options,
  percent,
  printTable,
  report,
  simclrSettings,
  somePixels,
  spread,
  stepFlops,
  timed,
} from './support.mjs';

const { width, size, pairs, precision, runs, json, build, method, images } = options({
  method: '',
  images: 1000,
  width: 16,
  size: 32,
  pairs: 16,
  precision: 'f32',
  runs: 10,
});
const kindred = await loadKindred(build);
const { PretextTrainer, Engine, measureSpeed } = kindred;
if (method) {
  await compareMethods(kindred, method, { width, size, pairs, precision, runs, images, json });
  process.exit(0);
}
const started = performance.now();
const engine = await Engine.create();
const speed = await measureSpeed(engine);
const settings = { ...simclrSettings(kindred, { width, size, pairs }), precision };
const simclr = await PretextTrainer.create(engine, { pixels: somePixels(4 * pairs, size), size }, settings);
const chosen = Array.from({ length: pairs }, (_, i) => i);
const host = [];
const whole = [];
const processor = [];
simclr.step(chosen, 0, 0.05);
await engine.gpu.idle();
const firstStep = performance.now() - started;
const buffers = { ...engine.gpu.allocated };
for (let step = 1; step <= runs; step++) {
  const seconds = await timed(engine, () => simclr.step(chosen, step, 0.05));
  host.push(1e3 * seconds.host);
  whole.push(1e3 * seconds.wall);
  processor.push(1e3 * seconds.cpu);
}
const created = engine.gpu.allocated.buffers - buffers.buffers;
const kernels = byKernel(await simclr.program.program.profile());
const flops = stepFlops(kindred, settings);
const time = spread(whole);
const augmentation = kernels.filter(({ kernel }) => kernel.startsWith('augment/'));
const row = {
  width,
  size,
  pairs,
  precision,
  ms: time.median,
  min: time.min,
  max: time.max,
  ...(engine.gpu.capabilities.driver !== 'gpu' && { 'cpu ms': Math.round(median(processor)) }),
  'images/s': Number(((1000 * pairs) / time.median).toFixed(1)),
  gflops: Number((flops / time.median / 1e6).toFixed(1)),
  'of peak': percent(flops / (time.median / 1000) / speed.flops),
  'host ms': Number(median(host).toFixed(2)),
  'host share': `${((100 * median(host)) / time.median).toFixed(2)}%`,
  'augmentation share': percent(augmentation.reduce((sum, { share }) => sum + share, 0)),
  dispatches: simclr.program.program.dispatches,
  pipelines: engine.gpu.pipelines.size,
  'first step ms': Math.round(firstStep),
  'planned bytes': simclr.program.program.plannedBytes,
  'buffers created after the first step': created,
};
report(json, circumstances(engine, speed), [row], { kernels });
if (!json) printTable(kernels.slice(0, 20));
engine.destroy();
