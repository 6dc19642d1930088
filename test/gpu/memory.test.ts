import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { RunError, UserError } from '../../src/errors.ts';
import { MainMemory } from '../../src/gpu/main_memory.ts';
import { outOfMemory } from '../../src/gpu/out_of_memory.ts';
import { scale } from '../../src/ops/scale.ts';

const engine = await Engine.create();
const { capabilities } = engine.gpu;
const mebibyte = 2 ** 20;

test('planned memory is held against what is free, and counts until it is touched', () => {
  let free: number | undefined = 1000 * mebibyte;
  const memory = new MainMemory(() => free);
  assert.is(memory.room, 900 * mebibyte);
  memory.reserve(600 * mebibyte);
  assert.throws(
    () => memory.reserve(301 * mebibyte),
    (error: Error) =>
      error instanceof UserError &&
      error.message ===
        '301 MiB of memory are needed at once and 300 MiB are free on this machine: lower batch, chunk, imageSize or width, or end other programs',
  );
  memory.reserve(300 * mebibyte);
  // The first program ran: the system counts its buffers now.
  memory.settle(600 * mebibyte);
  free = 400 * mebibyte;
  assert.is(memory.room, 60 * mebibyte);
  free = undefined;
  memory.reserve(1e6 * mebibyte);
});

test('a program that would not fit a software adapter’s memory is refused before anything is given to it', async () => {
  if (capabilities.driver === 'gpu') return;
  const { memory } = engine.gpu;
  const x = engine.input([5 * mebibyte]);
  const body = () => ({ y: scale(x, 2) });
  const before = { ...engine.gpu.allocated };
  Object.defineProperty(memory, 'room', { get: () => 19 * mebibyte, configurable: true });
  const refused = await engine.compile(body).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
  assert.match(refused, /^20 MiB of memory are needed at once and 19 MiB are free/);
  assert.throws(() => engine.input([5 * mebibyte]), /^20 MiB of memory are needed/);
  assert.equal(engine.gpu.allocated, before);
  assert.is(engine.gpu.allows(engine.planned(body)), false);
  delete (memory as { room?: number }).room;
  assert.is(engine.gpu.allows(engine.planned(body)), true);
  const room = memory.room;
  const program = await engine.compile(body);
  assert.ok(room - memory.room > 15 * mebibyte, 'the program counts before it runs');
  program.destroy();
  engine.free(x);
});

test('a buffer of the largest size that is allowed works, to its last number', async () => {
  // Elsewhere a buffer of this size takes longer to fill than the test may take.
  if (capabilities.driver !== 'swiftshader') return;
  const count = engine.gpu.largestBuffer / 4;
  const x = engine.input([count]);
  const last = engine.input([1]);
  engine.gpu.write(x.storage, Float32Array.of(21), 4 * count - 4);
  engine.gpu.copy([{ from: x.storage, fromByte: 4 * count - 4, to: last.storage, toByte: 0, bytes: 4 }]);
  assert.equal((await engine.read(last))[0], Float32Array.of(21));
  engine.free(x);
  assert.is(engine.gpu.largestBuffer, engine.gpu.device.limits.maxStorageBufferBindingSize - 256);
});

test('errors of too little memory are told in words, with what to lower; others stay what they are', async () => {
  class GPUOutOfMemoryError {
    readonly message = 'Failed to allocate';
  }
  const ours = [
    new GPUOutOfMemoryError(),
    { message: 'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY' },
    new Error('mapAsync: Out of memory'),
    new RangeError('Array buffer allocation failed'),
    new RangeError('Invalid typed array length: 17179869184'),
  ];
  for (const error of ours) {
    const told = outOfMemory(error, 300 * mebibyte);
    assert.instance(told, RunError);
    assert.match(
      told!.message,
      /^(the adapter|this machine) has too little memory left, beside the 300 MiB of this run, for what comes next: lower batch, chunk, imageSize, width or limit, or end other programs; what was saved stays$/,
    );
  }
  for (const error of [
    new Error('a shader is wrong'),
    new RangeError('offset is out of bounds'),
    'text',
    undefined,
  ])
    assert.is(outOfMemory(error), undefined);
});

test('what the device itself refuses for want of memory is told in words', async () => {
  if (capabilities.driver !== 'swiftshader') return;
  // As large as it says it may be.
  const { maxStorageBufferBindingSize: bytes } = engine.gpu.device.limits;
  engine.gpu.createBuffer('too large', bytes, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
  const problem = await engine.gpu.idle().then(
    () => undefined,
    (error: Error) => error,
  );
  assert.instance(problem, RunError);
  assert.match(problem!.message, /^the adapter has too little memory left/);
});

test.after(() => engine.destroy());
test.run();
