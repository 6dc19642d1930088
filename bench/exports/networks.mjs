// Encoders with random weights in other programs: features by PyTorch, torchvision's own networks where it has them, and
// by their ONNX files in onnxruntime, against the engine's.
//   node bench/exports/networks.mjs [--only PART] [--sides 224,96,65,32] [--build FOLDER] [--json]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadKindred, options, printTable, round } from '../support.mjs';

/** Largest accepted difference as a share of the largest value: see bench/exports.mjs. */
const tolerance = 2e-5;
const images = 7;

/** By name: what PyTorch builds, and what the weights do not tell. */
const networks = {
  resnet18: { model: 'resnet18' },
  resnet34: { model: 'resnet34' },
  resnet50: { model: 'resnet50' },
  'resnet50-v1': { depth: 50, stem: 'imagenet', stride: 'v1' },
  wide_resnet50_2: { model: 'wide_resnet50_2' },
  resnet18d: { depth: 18, stem: 'deep', downsample: 'average' },
  resnet50d: { depth: 50, stem: 'deep', downsample: 'average' },
  'resnet18-cifar-pad2': { depth: 18, stem: 'cifar', stemPadding: 2 },
  'cifar-resnet20': { family: 'cifar-resnet', depth: 20 },
  'cifar-resnet110': { family: 'cifar-resnet', depth: 110 },
  'cifar-resnet20-b': { family: 'cifar-resnet', depth: 20, shortcut: 'projection' },
  resnet101: { model: 'resnet101' },
  'vit-tiny-16': { family: 'vit', patch: 16, grid: 14, width: 192 },
  'vit-small-16': { family: 'vit', patch: 16, grid: 14 },
  'dinov2-small': { family: 'vit', patch: 14, grid: 16, layerScale: true },
  'dinov2-small-registers': { family: 'vit', patch: 14, grid: 16, layerScale: true, registers: 4 },
};

const { only, sides: given, json, build } = options({ only: '', sides: '224,96,65,32' });
const sides = given.split(',').map(Number);
const kindred = await loadKindred(build);
const { Engine, encodeOnnx, featureExtractor, imagenetScale, loadEncoder, readWeights } = kindred;

const python = '/usr/bin/python3';
if (spawnSync(python, ['-c', 'import numpy, torch, torchvision']).status !== 0) {
  console.error('SKIPPED: python3 has no torch or torchvision: apt install python3-torchvision');
  process.exit(0);
}
const runtime = loadRuntime();

function loadRuntime() {
  try {
    return createRequire(new URL('package.json', import.meta.url))('onnxruntime-node');
  } catch (error) {
    const [reason] = String(error.message).split('\n');
    console.error(`SKIPPED onnxruntime: ${reason}: npm install --prefix bench/exports --ignore-scripts`);
    return undefined;
  }
}

const engine = await Engine.create();
const rows = [];
for (const [name, asked] of Object.entries(networks)) {
  // Large maps through small encoders for small images say nothing more, and take long. A transformer's are its own.
  const fitting = sides.filter((side) =>
    asked.family === 'vit'
      ? side === asked.patch * asked.grid
      : side < 200 || asked.model || ['imagenet', 'deep'].includes(asked.stem),
  );
  if (name.includes(only)) await compare(name, asked, fitting);
}

async function compare(name, asked, sides) {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-networks-'));
  try {
    const script = fileURLToPath(new URL('random_network.py', import.meta.url));
    const args = [script, JSON.stringify(asked), folder, ...sides.map(String)];
    const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`random_network.py failed: ${stderr}`);
    const torch = JSON.parse(stdout);
    const file = join(folder, 'weights.safetensors');
    const read = readWeights(new Uint8Array(readFileSync(file)), name);
    const weights = { ...read, encoder: { ...read.encoder, ...told(asked) }, normalise: imagenetScale };
    for (const side of sides) {
      const pixels = new Uint8Array(readFileSync(join(folder, `images-${side}.bin`)));
      const bytes = new Uint8Array(readFileSync(join(folder, `features-${side}.bin`)));
      const expected = new Float32Array(bytes.buffer);
      for (const batch of [1, images]) {
        const { features, seconds } = await ofEngine(weights, pixels, side, batch);
        const cost = { seconds: seconds && round(seconds), torch: seconds && round(torch.seconds[side]) };
        add({
          name,
          program: `PyTorch ${torch.version}`,
          side,
          batch,
          ...difference(features, expected),
          ...cost,
        });
      }
      if (!runtime || side > 100) continue;
      const features = await ofOnnxruntime(weights, pixels, side);
      add({ name, program: 'onnxruntime', side, batch: images, ...difference(features, expected) });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The options that a user must state. */
function told({ stride, stemPadding }) {
  return { ...(stride && { stride }), ...(stemPadding && { stemPadding }) };
}

function add(row) {
  rows.push(row);
  const { name, program, side, batch, relative } = row;
  console.error(`${name}, ${side} pixels, ${batch} at a time, ${program}: ${relative}`);
}

async function ofEngine(weights, pixels, side, batch) {
  const encoder = loadEncoder(engine, weights);
  const shape = { pixels, sourceSize: side, imageSize: side, batch, normalise: weights.normalise };
  const extract = await featureExtractor(engine, encoder, shape);
  const indices = Array.from({ length: images }, (_, i) => i);
  const features = await extract(indices);
  // A software adapter compiles kernels when they first run: the time is that of a second pass, of whole batches.
  const start = process.cpuUsage();
  if (batch === images) await extract(indices);
  const { user, system } = process.cpuUsage(start);
  extract.destroy();
  encoder.parameters.destroy();
  return { features, seconds: batch === images ? (user + system) / 1e6 : undefined };
}

async function ofOnnxruntime(weights, pixels, side) {
  const model = encodeOnnx({ weights, imageSize: side, version: 'bench' });
  const session = await runtime.InferenceSession.create(model);
  const planar = new Float32Array(pixels.length);
  pixels.forEach((byte, i) => {
    const [image, pixel] = [Math.floor(i / (3 * side ** 2)), Math.floor(i / 3) % side ** 2];
    planar[(3 * image + (i % 3)) * side ** 2 + pixel] = byte / 255;
  });
  const tensor = new runtime.Tensor('float32', planar, [images, 3, side, side]);
  return (await session.run({ images: tensor })).features.data;
}

function difference(actual, expected) {
  let [largest, size] = [actual.length === expected.length ? 0 : Number.NaN, 0];
  expected.forEach((value, i) => {
    const distance = Math.abs(value - actual[i]);
    if (!(distance <= largest)) largest = distance;
    size = Math.max(size, Math.abs(value));
  });
  return { relative: round(largest / size), ok: largest <= tolerance * size };
}

const { description } = engine.gpu.capabilities;
engine.destroy();
if (json) console.log(JSON.stringify({ adapter: description, images, tolerance, rows }, null, 2));
else printTable(rows);
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
