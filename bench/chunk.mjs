// A SimCLR step on the whole batch at once, and in chunks (GradCache): time, and bytes on the GPU.
//   node bench/chunk.mjs [--width 16] [--size 16] [--batch 128] [--chunks 64,32,16] [--runs 5] [--json]
// Then what a batch of 4,096 at the published width and image size would take, by its chunk; that is not run.
import {
  circumstances,
  loadKindred,
  mebibytes,
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

const { width, size, batch, chunks, runs, json, build } = options({
  width: 16,
  size: 16,
  batch: 128,
  chunks: '64,32,16',
  runs: 5,
});
const kindred = await loadKindred(build);
const { chooseChunk, PretextTrainer, Engine, measureSpeed, plannedBuffers } = kindred;
const engine = await Engine.create();
const speed = await measureSpeed(engine);
const sum = (values) => values.reduce((a, b) => a + b, 0);

const pixels = somePixels(batch, size);
const settings = simclrSettings(kindred, { width, size, pairs: batch });
const images = Array.from({ length: batch }, (_, i) => i);
const steps = [];
for (const chunk of [batch, ...chunks.split(',').map(Number)]) {
  const before = engine.gpu.allocated.bytes;
  const pretext = await PretextTrainer.create(engine, { pixels, size }, { ...settings, chunk });
  steps.push({ chunk, pretext, bytes: engine.gpu.allocated.bytes - before, times: [], processor: [] });
}
for (let run = -1; run < runs; run++) {
  for (const { pretext, times, processor } of steps) {
    const { wall, cpu } = await timed(engine, () => pretext.step(images, run + 1, 0.01));
    // The first round warms up: some drivers compile at the first dispatch.
    if (run < 0) continue;
    times.push(1e3 * wall);
    processor.push(1e3 * cpu);
  }
}
const software = engine.gpu.capabilities.driver !== 'gpu';
/** Other work on the machine hardly moves processor time, which is all there is on a software adapter. */
const cost = ({ times, processor }) => median(software ? processor : times);
const flops = stepFlops(kindred, settings);
const rows = steps.map((step) => {
  const time = spread(step.times);
  return {
    chunk: step.chunk,
    ms: time.median,
    min: time.min,
    max: time.max,
    ...(software && { 'cpu ms': Math.round(median(step.processor)) }),
    // A chunk's images pass forward twice, which is no more of what the definition asks for.
    'of peak': percent(flops / (time.median / 1000) / speed.flops),
    'of whole': Number((cost(step) / cost(steps[0])).toFixed(2)),
    MiB: mebibytes(step.bytes),
  };
});

const large = simclrSettings(kindred, { width: 64, size: 32, pairs: 4096 });
const unlabelled = {
  images: Int32Array.from({ length: 4096 }, (_, i) => i),
  labels: new Int32Array(4096),
  size: 32,
};
const chosen = chooseChunk(engine, unlabelled, large);
const planned = [4096, 256, 128, 64, 32, 16].map((chunk) => ({
  'chunk of 4096': chunk,
  'planned MiB': mebibytes(sum(plannedBuffers(engine, 32, large, chunk))),
  default: chunk === chosen ? 'yes' : '',
}));
report(json, circumstances(engine, speed), rows, { planned });
if (!json) printTable(planned);
engine.destroy();
