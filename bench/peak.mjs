// What the adapter can do at best: multiply-adds, memory, and what a dispatch, an upload and a readback cost.
//   node bench/peak.mjs [--runs 7] [--json]
import { matrixPeaks } from './peak/matrix.mjs';
import { openSides } from './roofline.mjs';
import { circumstances, options, quantile, report, round, timed } from './support.mjs';

const { runs, json, build } = options({ runs: 7 });
const [{ engine, kindred }] = await openSides({ build });
const { device } = engine.gpu;
const software = engine.gpu.capabilities.driver !== 'gpu';
const yardsticks = await kindred.yardsticks(engine);

/** Name → { amount of one run, unit of amount/second or of seconds/amount, run }. */
const measures = {};
const kernelRate = ({ program, amount }, unit) => ({ amount, unit, run: () => program.run() });
measures['multiply-add f32'] = kernelRate(yardsticks.f32, 'GFLOP/s');
if (yardsticks.f16) measures['multiply-add f16'] = kernelRate(yardsticks.f16, 'GFLOP/s');
measures['copy by a kernel, read + written'] = kernelRate(yardsticks.copy, 'GB/s');

const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
const bytes = 32 << 20;
const [source, target] = [0, 1].map(() =>
  device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC | COPY_DST }),
);
const staging = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
const host = new Uint8Array(bytes).map((_, i) => i);
const encode = (body) => {
  const encoder = device.createCommandEncoder();
  body(encoder);
  device.queue.submit([encoder.finish()]);
};
measures['copy by the queue, read + written'] = {
  amount: 2 * bytes,
  unit: 'GB/s',
  run: () => encode((encoder) => encoder.copyBufferToBuffer(source, 0, target, 0, bytes)),
};
measures['upload, writeBuffer'] = {
  amount: bytes,
  unit: 'GB/s',
  run: () => device.queue.writeBuffer(source, 0, host),
};
measures['readback, mapped'] = {
  amount: bytes,
  unit: 'GB/s',
  async run() {
    encode((encoder) => encoder.copyBufferToBuffer(source, 0, staging, 0, bytes));
    await engine.gpu.wait(staging.mapAsync(GPUMapMode.READ));
    host.set(new Uint8Array(staging.getMappedRange()));
    staging.unmap();
  },
};

const module = device.createShaderModule({ code: '@compute @workgroup_size(1) fn nothing() {}' });
const empty = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'nothing' } });
const count = 1000;
const pass = (encoder, dispatches) => {
  const compute = encoder.beginComputePass();
  compute.setPipeline(empty);
  for (let i = 0; i < dispatches; i++) compute.dispatchWorkgroups(1);
  compute.end();
};
const times = (body) => Array.from({ length: count }).forEach(body);
measures['dispatch in a shared pass'] = {
  amount: count,
  unit: 'µs',
  run: () => encode((encoder) => pass(encoder, count)),
};
measures['dispatch in a pass of its own'] = {
  amount: count,
  unit: 'µs',
  run: () => encode((encoder) => times(() => pass(encoder, 1))),
};
measures['dispatch in a submission of its own'] = {
  amount: count,
  unit: 'µs',
  run: () => times(() => encode((encoder) => pass(encoder, 1))),
};
measures['submission and the wait for it'] = {
  amount: 1,
  unit: 'µs',
  run: () => encode((encoder) => pass(encoder, 1)),
};

const samples = Object.fromEntries(Object.keys(measures).map((name) => [name, []]));
// The first round warms up: some drivers compile at the first dispatch.
for (let turn = -1; turn < runs; turn++) {
  for (const [name, { run }] of Object.entries(measures)) {
    const sample = await timed(engine, run);
    if (turn >= 0) samples[name].push(sample);
  }
}
const rows = Object.entries(measures).map(([name, { amount, unit }]) => {
  const value = unit === 'µs' ? (s) => (1e6 * s) / amount : (s) => amount / s / 1e9;
  const walls = samples[name].map(({ wall }) => value(wall));
  const row = {
    measure: name,
    median: round(quantile(walls, 0.5)),
    q1: round(quantile(walls, 0.25)),
    q3: round(quantile(walls, 0.75)),
    unit,
  };
  if (!software) return row;
  // Rates a core and second; costs in processor time.
  const cpu = quantile(
    samples[name].map((sample) => value(sample.cpu)),
    0.5,
  );
  return { ...row, 'by cpu time': round(cpu) };
});
for (const { shape, flops } of await matrixPeaks(engine.gpu, runs)) {
  rows.splice(1, 0, { measure: `subgroup matrix ${shape}`, median: round(flops / 1e9), unit: 'GFLOP/s' });
}
report(json, circumstances(engine), rows);
if (!json && !rows.some(({ measure }) => measure.startsWith('subgroup matrix')))
  console.log('subgroup matrices: not offered by this adapter');
engine.destroy();
