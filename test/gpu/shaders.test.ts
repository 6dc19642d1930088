import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Parameters } from '../../src/autograd/parameters.ts';
import { backward, Tape, withTape } from '../../src/autograd/tape.ts';
import { bytesOf, Tensor } from '../../src/autograd/tensor.ts';
import { type Capabilities, Gpu } from '../../src/gpu/device.ts';
import { Program } from '../../src/gpu/program.ts';
import type { Shader } from '../../src/gpu/shader.ts';
import { Choices } from '../../src/kernels/tuning/choices.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import { projectionHead } from '../../src/nn/projection_head.ts';
import { resnet } from '../../src/nn/resnet/resnet.ts';
import { ntXent } from '../../src/ops/nt_xent.ts';
import { nullGpu } from '../../src/platform/node_driver.ts';

/** The package's folder: built tests lie some folders below it. */
function findRoot(folder: string): string {
  return existsSync(join(folder, 'build.mjs')) ? folder : findRoot(dirname(folder));
}

const root = findRoot(dirname(fileURLToPath(import.meta.url)));
// By its path at run time: the bundler must not take the build script, and itself, into a test.
const build: { loadShader: (path: string) => Shader } = await import(
  pathToFileURL(join(root, 'build.mjs')).href
);
const folder = join(root, 'shaders');
const shaders = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.wgsl') && !name.startsWith('lib'))
  .map((name) => build.loadShader(join(folder, name)));

// Dawn's null backend validates WGSL, layouts and pipelines as any other, and executes nothing.
const gpu = await Gpu.create(nullGpu());

test('there are shaders, each with an entry point that computes, or one that draws', () => {
  assert.ok(shaders.length > 10);
  for (const { name, entries, source } of shaders)
    assert.ok(Object.keys(entries).length > 0 || /^@vertex$/m.test(source), name);
});

/** Variables in loops that have no initialiser, and whose next mention is no assignment. */
function unfilled(source: string): string[] {
  const text = source.replace(/\/\/.*/g, '');
  const found: string[] = [];
  const loops: boolean[] = [];
  let statement = 0;
  for (const { 0: token, 1: name, index } of text.matchAll(
    /[{}]|;(?![^(\n]*\) *\{)|\bvar\s+(\w+)\s*:\s*[^;={]+;/g,
  )) {
    if (token === '{') loops.push(/\b(for|loop|while)\b/.test(text.slice(statement, index)));
    if (token === '}') loops.pop();
    if (name && loops.some(Boolean)) {
      const after = text.slice(index + token.length);
      const next = after.slice(after.search(new RegExp(`\\b${name}\\b`)) + name.length);
      if (!/^(\[[^=;]*\])?\s*=[^=]/.test(next)) found.push(name);
    }
    statement = index + token.length;
  }
  return found;
}

test('a variable in a loop has an initialiser, or is filled first: Tint gives it its zero but once', () => {
  assert.equal(unfilled('for (;;) {\n  var s: f32;\n  s += 1.0;\n}'), ['s']);
  assert.equal(unfilled('for (;;) { if (a) { var s: array<f32, 4>; let t = s[0]; } }'), ['s']);
  assert.equal(unfilled('var s: f32;\nfor (;;) {\n  var t: array<f32, 2>;\n  for (;;) { t[i] = s; }\n}'), []);
  for (const { name, source } of shaders) assert.equal(unfilled(source), [], name);
});

for (const shader of shaders) {
  test(`${shader.name}.wgsl compiles as it stands: every entry point, with the bindings read from it`, async () => {
    const { device } = gpu;
    const module = device.createShaderModule({ label: shader.name, code: shader.source });
    const { messages } = await gpu.wait(module.getCompilationInfo());
    assert.equal(
      messages.map(({ type, lineNum, message }) => `${type} in line ${lineNum}: ${message}`),
      [],
    );
    for (const [entryPoint, bindings] of Object.entries(shader.entries)) {
      const entries = bindings.map(({ binding, type }) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type },
      }));
      const layout = device.createPipelineLayout({
        bindGroupLayouts: [device.createBindGroupLayout({ entries })],
      });
      await gpu.wait(device.createComputePipelineAsync({ layout, compute: { module, entryPoint } }));
    }
    gpu.check();
  });

  test(`${shader.name}.wgsl compiles as the engine writes it out`, async () => {
    for (const entry of Object.keys(shader.entries)) {
      const { layout } = await gpu.wait(gpu.pipelines.get({ shader, entry, grid: [1, 1, 1] }));
      assert.ok(layout);
    }
    gpu.check();
  });
}

/** Builds and submits a training step on images of such a type. @returns the names of its kernels */
async function trainingStep(
  capabilities: Capabilities,
  stem: 'cifar' | 'imagenet',
  dtype: 'f32' | 'f16',
  choices = new Choices(),
) {
  const parameters = new Parameters(gpu);
  const encoder = createEncoder({ parameters, seed: 0 }, resnet({ stem, width: 16 }));
  const head = { sizes: [encoder.featureSize, 32, 16], batchNorm: true };
  const project = projectionHead({ parameters, seed: 0 }, 'projector', head);
  const shape = [6, 20, 20, 4];
  const images = new Tensor({ shape, dtype }, gpu.storage('images', bytesOf(shape, dtype)));
  parameters.place();
  const tape = new Tape({ capabilities, choices });
  withTape(tape, () => backward(ntXent(project(encoder.forward(images)), { temperature: 0.5 }).loss));
  const program = await Program.build(gpu, tape.recording);
  program.run();
  await gpu.idle();
  program.destroy();
  return new Set(tape.recording.commands.map(({ launch }) => `${launch.shader.name}.${launch.entry}`));
}

for (const driver of ['gpu', 'llvmpipe', 'swiftshader'] as const) {
  for (const stem of ['cifar', 'imagenet'] as const) {
    test(`a training step with the tiles for ${driver} and the ${stem} stem breaks no rule of WebGPU`, async () => {
      await trainingStep({ ...gpu.capabilities, driver }, stem, 'f32');
    });
  }
}

for (const stem of ['cifar', 'imagenet'] as const) {
  test(`nor does one in f16 with the ${stem} stem, on a graphics card's tiles or on matrix units`, async () => {
    const card = { ...gpu.capabilities, driver: 'gpu', subgroupMinSize: 32 } as const;
    await trainingStep(card, stem, 'f16');
    const choices = { get: () => 'matrix-2x2x2x2x32' } as unknown as Choices;
    const kernels = await trainingStep(
      { ...card, matrixUnits: { m: 16, n: 16, k: 16 } },
      stem,
      'f16',
      choices,
    );
    const products = [...kernels].filter((name) => name.startsWith('conv2d/')).sort();
    assert.equal(products, ['conv2d/matrix.convolve', 'conv2d/weight_gradient_matrix.weight_gradient']);
  });
}

test.after(() => gpu.destroy());
test.run();
