// What a run exports, in other programs: features, logits and probabilities of 64 images by its ONNX file in
// onnxruntime and by its safetensors in PyTorch, against the engine's own.
//   npm install --prefix bench/exports --ignore-scripts; node bench/exports.mjs RUN_FOLDER [--json]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadKindred, printTable, round } from './support.mjs';

/**
 * Largest accepted difference, as a share of the output's largest value: each program adds thousands of float32
 * products (rounded by 6e-8 each) in an order of its own, through 18 to 110 layers.
 */
const tolerance = 2e-5;
const count = 64;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
const [run] = positionals;
if (run === undefined) {
  console.error('usage: node bench/exports.mjs RUN_FOLDER [--json]');
  process.exit(2);
}
const { architectureOf, Engine, encodeOnnx, featureExtractor, loadEncoder, readHead, readWeights } =
  await loadKindred();
const read = (name) => new Uint8Array(readFileSync(join(run, name)));
const weights = readWeights(read('encoder.safetensors'), 'encoder.safetensors');
const head = readHead(read('head.safetensors'), 'head.safetensors');
const side = weights.imageSize;

// Waves of many lengths and colours, and noise: flat and busy images alike.
const pixels = Uint8Array.from({ length: count * side * side * 3 }, (_, i) => {
  const [channel, pixel] = [i % 3, Math.floor(i / 3)];
  const [image, x, y] = [Math.floor(pixel / side ** 2), pixel % side, Math.floor(pixel / side) % side];
  const wave = Math.sin((x * (image % 8) + y * Math.floor(image / 8)) / 5 + channel);
  const noise = Math.sin(12.9898 * i) * 43758.5453;
  return 128 + 90 * wave + 30 * (noise - Math.floor(noise));
});
const unit = new Float32Array(pixels.length);
pixels.forEach((byte, i) => {
  const [image, rest] = [Math.floor(i / (3 * side ** 2)), Math.floor(i / 3) % side ** 2];
  unit[(3 * image + (i % 3)) * side ** 2 + rest] = byte / 255;
});

async function ofEngine() {
  const engine = await Engine.create();
  const shape = { pixels, sourceSize: side, imageSize: side, batch: 16, normalise: weights.normalise };
  const extract = await featureExtractor(engine, loadEncoder(engine, weights), shape);
  const features = await extract(Array.from({ length: count }, (_, i) => i));
  const { description } = engine.gpu.capabilities;
  engine.destroy();
  const columns = features.length / count;
  const lengths = Array.from({ length: count }, (_, row) =>
    head.unitLength ? Math.hypot(...features.subarray(row * columns, (row + 1) * columns)) : 1,
  );
  const logits = Float64Array.from({ length: count * head.classes.length }, (_, i) => {
    const [row, c] = [Math.floor(i / head.classes.length), i % head.classes.length];
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += features[row * columns + j] * head.weight[c * columns + j];
    return sum / lengths[row] + head.bias[c];
  });
  return { version: description, features, logits, probabilities: softmaxRows(logits) };
}

function softmaxRows(logits) {
  const powers = logits.map((logit) => Math.exp(logit / head.temperature));
  const classes = head.classes.length;
  return powers.map((power, i) => {
    const first = i - (i % classes);
    return power / powers.subarray(first, first + classes).reduce((a, b) => a + b);
  });
}

async function ofOnnxruntime() {
  const require = createRequire(new URL('exports/package.json', import.meta.url));
  let runtime;
  try {
    runtime = require('onnxruntime-node');
  } catch (error) {
    return {
      skipped: `onnxruntime-node does not load (${String(error.message).split('\n')[0]}): see the usage`,
    };
  }
  const session = await runtime.InferenceSession.create(
    encodeOnnx({ weights, head, imageSize: side, version: 'bench' }),
  );
  const images = new runtime.Tensor('float32', unit, [count, 3, side, side]);
  const outputs = await session.run({ images });
  const data = Object.entries(outputs).map(([name, tensor]) => [name, tensor.data]);
  const { version } = require('onnxruntime-node/package.json');
  return { version, ...Object.fromEntries(data) };
}

function ofPyTorch() {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-exports-'));
  try {
    writeFileSync(join(folder, 'images.bin'), unit);
    const script = fileURLToPath(new URL('exports/features.py', import.meta.url));
    const args = [script, run, join(folder, 'images.bin'), String(side), folder];
    const probe = spawnSync('/usr/bin/python3', ['-c', 'import numpy, torch']);
    if (probe.status !== 0) return { skipped: 'python3 has no torch: apt install python3-torch' };
    const { status, stdout, stderr } = spawnSync('/usr/bin/python3', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`features.py failed: ${stderr}`);
    const floats = (name) => new Float32Array(new Uint8Array(readFileSync(join(folder, name))).buffer);
    return { version: stdout.trim(), features: floats('features.bin'), logits: floats('logits.bin') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const engine = await ofEngine();
const programs = { onnxruntime: await ofOnnxruntime(), PyTorch: ofPyTorch() };
const rows = [];
for (const [program, result] of Object.entries(programs)) {
  if (result.skipped) {
    console.error(`SKIPPED ${program}: ${result.skipped}`);
    continue;
  }
  for (const output of ['features', 'logits', 'probabilities']) {
    if (result[output])
      rows.push({ program, version: result.version, output, ...difference(output, result) });
  }
}

function difference(output, result) {
  const [actual, expected] = [result[output], engine[output]];
  if (actual.length !== expected.length)
    return { values: actual.length, absolute: NaN, relative: NaN, ok: false };
  let [largest, size] = [0, 0];
  expected.forEach((value, i) => {
    // A class without a labelled image has logit −∞ on both sides.
    if (value === actual[i]) return;
    largest = Math.max(largest, Math.abs(value - actual[i]));
    if (Number.isNaN(actual[i])) largest = NaN;
  });
  for (const value of expected) if (Number.isFinite(value)) size = Math.max(size, Math.abs(value));
  const relative = largest / size;
  return {
    values: actual.length,
    absolute: round(largest),
    relative: round(relative),
    ok: relative <= tolerance,
  };
}

const circumstances = {
  run,
  network: `${architectureOf(weights.encoder).title}, ${JSON.stringify(weights.encoder)}, ${side}×${side}`,
  adapter: engine.version,
  images: count,
  tolerance,
};
if (values.json) console.log(JSON.stringify({ ...circumstances, rows }, null, 2));
else {
  for (const [name, value] of Object.entries(circumstances)) console.log(`${name}: ${value}`);
  printTable(rows);
}
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
