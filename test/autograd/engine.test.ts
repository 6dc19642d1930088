import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { matmulFamily } from '../../src/kernels/matmul.ts';
import { nameOf } from '../../src/kernels/tuning/variant.ts';
import { add } from '../../src/ops/add.ts';
import { matmul } from '../../src/ops/matmul.ts';
import { relu } from '../../src/ops/relu.ts';
import { scale } from '../../src/ops/scale.ts';
import { sgd } from '../../src/optim/sgd.ts';

const engine = await Engine.create();

test('a program computes anew from what its inputs hold when it runs', async () => {
  const x = engine.input([3], 'f32', Float32Array.of(1, -2, 3));
  const program = await engine.compile(() => ({ y: relu(scale(x, 2)) }));
  program.run();
  assert.equal((await program.read()).y, Float32Array.of(2, 0, 6));
  engine.write(x, Float32Array.of(-1, 5, 0));
  program.run();
  assert.equal((await program.read()).y, Float32Array.of(0, 10, 0));
});

test('outputs keep their memory to the end, however many values come and go between', async () => {
  const x = engine.input([4], 'f32', Float32Array.of(1, 2, 3, 4));
  const program = await engine.compile(() => {
    const early = scale(x, 10);
    let value = early;
    for (let i = 0; i < 10; i++) value = add(value, x);
    return { early, late: value };
  });
  for (let i = 0; i < 2; i++) {
    program.run();
    const { early, late } = await program.read();
    assert.equal(early, Float32Array.of(10, 20, 30, 40));
    assert.equal(late, Float32Array.of(20, 40, 60, 80));
  }
  // The chain's ten links take turns in two buffers, beside the two outputs' own.
  assert.ok(program.program.plannedBytes <= 4 * 256, `${program.program.plannedBytes} bytes`);
});

test('u32 tensors come back as they went in', async () => {
  const words = Uint32Array.of(0, 1, 0xffffffff, 0x7fc00000);
  const tensor = engine.input([4], 'u32', words);
  assert.equal(await engine.read(tensor), [words]);
});

test('a plan has the default kernels, whatever tuning finds', async () => {
  const tuned = await Engine.create();
  const { choices } = tuned;
  const shape = { m: 64, n: 64, k: 4096, transposeA: false, transposeB: false };
  const [a, b] = [tuned.input([64, 4096]), tuned.input([4096, 64])];
  const body = () => ({ y: matmul(a, b) });
  const before = tuned.planned(body);
  // 128 partial results.
  const names = matmulFamily.variants(tuned.gpu.capabilities, shape).map(nameOf);
  choices.learn({ [matmulFamily.key(shape)]: names.find((name) => name.endsWith('/k128'))! });
  assert.equal(tuned.planned(body), before);
  const { program } = await tuned.compile(body);
  assert.ok(program.plannedBytes > 128 * 4 * 64 * 64, `${program.plannedBytes}`);
  assert.ok(before.buffers.every((bytes) => bytes < 128 * 4 * 64 * 64));
  tuned.destroy();
});

test('a second program of the same kernels compiles nothing', async () => {
  const record = (side: number) => () => {
    const x = engine.input([side, side]);
    return { y: relu(matmul(x, add(x, x))) };
  };
  await engine.compile(record(4));
  const { size } = engine.gpu.pipelines;
  assert.ok(size > 0);
  await engine.compile(record(4));
  // Sizes travel in uniforms, so other shapes need no other pipeline, as long as rows are whole vec4f or none were.
  await engine.compile(record(12));
  assert.is(engine.gpu.pipelines.size, size);
});

test('compiling reports progress up to the number of distinct pipelines', async () => {
  const seen: [number, number][] = [];
  const x = engine.input([2]);
  const onProgress = (done: number, total: number) => seen.push([done, total]);
  const program = await engine.compile(() => ({ y: scale(relu(scale(relu(x), 2)), 3) }), { onProgress });
  assert.equal(seen, [
    [1, 2],
    [2, 2],
  ]);
  assert.is(program.program.dispatches, 4);
});

test('destroying a program gives its memory back', async () => {
  const x = engine.input([1000]);
  const before = { ...engine.gpu.allocated };
  const program = await engine.compile(() => ({ y: relu(x) }));
  assert.ok(engine.gpu.allocated.bytes >= before.bytes + 4000);
  program.destroy();
  assert.equal({ ...engine.gpu.allocated }, before);
  engine.free(x);
  assert.is(engine.gpu.allocated.buffers, before.buffers - 1);
});

test('inputs take exactly their elements, of their type', () => {
  assert.throws(() => engine.input([3], 'f32', new Float32Array(5)), /^\[3\] f32 cannot take 5 elements/);
  assert.throws(() => engine.input([3], 'f32', new Float32Array(2)), /^\[3\] f32 cannot take 2 elements/);
  const x = engine.input([3]);
  assert.throws(() => engine.write(x, new Float32Array(4)), /^\[3\] f32 cannot take 4 elements/);
  assert.throws(() => engine.write(x, new Uint32Array(3)), /^\[3\] f32 cannot take 3 elements of u32/);
  assert.throws(() => engine.input([1], 'u32', new Float32Array(1)), /^\[1\] u32 .* of f32/);
});

test('a model’s tensors are named once, sized right, and declared before memory is given', async () => {
  const zeros = () => new Float32Array(2);
  const parameters = engine.parameters();
  parameters.trainable('w', [2], zeros, { decay: true });
  assert.throws(() => parameters.buffer('w', [2], zeros), /two tensors are named 'w'/);
  parameters.place();
  assert.throws(() => parameters.trainable('v', [2], zeros, { decay: true }), /'v' is declared after/);
  assert.throws(() => parameters.write('v', zeros()), /has no tensor 'v'/);
  assert.throws(() => parameters.write('w', new Float32Array(3)), /'w' has shape \[2\], not 3 elements/);
  const wrong = engine.parameters();
  wrong.trainable('u', [3], zeros, { decay: true });
  assert.throws(() => wrong.place(), /'u' was initialised with 2 elements/);
});

test('parameters that are more than the adapter binds at once serve, and are refused where an optimizer wants them', async () => {
  const capabilities = engine.gpu.capabilities as { maxBindingBytes: number };
  const limit = capabilities.maxBindingBytes;
  const parameters = engine.parameters();
  const declare = (name: string) =>
    parameters.trainable(name, [70], () => new Float32Array(70).fill(name.length), { decay: true });
  const [a, b, c] = ['a', 'bb', 'ccc'].map(declare) as [Tensor, Tensor, Tensor];
  try {
    // Two of the three fit, each in its multiple of 256 bytes.
    capabilities.maxBindingBytes = 1024 + 256;
    assert.equal(
      parameters.place().values.map(({ bytes }) => bytes),
      [1024, 512],
    );
    assert.throws(
      () => sgd(engine, parameters, { momentum: 0.9, weightDecay: 0 }),
      /training needs 1536 bytes of parameters in one buffer, more than this adapter allows/,
    );
    const large = engine.parameters();
    large.trainable('w', [1000], () => new Float32Array(1000), { decay: true });
    assert.throws(() => large.place(), /'parameters' needs 4096 bytes in one buffer/);
  } finally {
    capabilities.maxBindingBytes = limit;
  }
  const program = await engine.compile(() => {
    const sum = add(add(a, b), c);
    parameters.clearGradients();
    return { sum };
  });
  program.run();
  assert.equal((await program.read()).sum, new Float32Array(70).fill(6));
  assert.equal((await parameters.read()).get('ccc'), new Float32Array(70).fill(3));
  program.destroy();
  const { buffers } = engine.gpu.allocated;
  parameters.destroy();
  assert.is(engine.gpu.allocated.buffers, buffers - 5, 'two of values, two of gradients, one of no state');
});

test('parameters come back as they were written, beside their neighbours', async () => {
  const parameters = engine.parameters();
  const values = (from: number) => Float32Array.from({ length: 65 }, (_, i) => from + i);
  parameters.trainable('a', [65], () => values(0), { decay: true });
  parameters.buffer('state', [3], () => Float32Array.of(7, 8, 9));
  parameters.trainable('b', [13, 5], () => values(100), { decay: false });
  parameters.write('a', values(1000));
  assert.equal(
    await parameters.read(),
    new Map([
      ['a', values(1000)],
      ['state', Float32Array.of(7, 8, 9)],
      ['b', values(100)],
    ]),
  );
});

test.after(() => engine.destroy());
test.run();
