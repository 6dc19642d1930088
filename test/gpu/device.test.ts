import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { platform } from '#platform';
import { DeviceLostError, UserError } from '../../src/errors.ts';
import { Gpu } from '../../src/gpu/device.ts';
import { linearGrid } from '../../src/gpu/launch.ts';
import { Program } from '../../src/gpu/program.ts';
import { Recording } from '../../src/gpu/recording.ts';
import { Storage } from '../../src/gpu/storage.ts';
import { accumulate, fill } from '../../src/kernels/elementwise.ts';

const gpu = await Gpu.create(platform.gpu);

test('what is written is read back, whatever its length', async () => {
  for (const length of [1, 3, 64, 65, 100_003]) {
    const data = Float32Array.from({ length }, (_, i) => i / 7);
    const storage = gpu.storage('data', 4 * length, data);
    const [bytes] = await gpu.read([storage]);
    assert.equal(new Float32Array(bytes!), data);
    gpu.destroyBuffer(storage.buffer);
  }
});

test('several storages come back in one read, each with its own bytes', async () => {
  const first = gpu.storage('first', 12, Uint32Array.of(1, 2, 3));
  const empty = gpu.storage('zeroed', 8);
  const last = gpu.storage('last', 4, Float32Array.of(-0.5));
  const [a, b, c] = await gpu.read([first, empty, last]);
  assert.equal(new Uint32Array(a!), Uint32Array.of(1, 2, 3));
  assert.equal(new Uint32Array(b!), Uint32Array.of(0, 0));
  assert.equal(new Float32Array(c!), Float32Array.of(-0.5));
});

test('a write at an offset, from within a larger array, leaves the rest', async () => {
  const storage = gpu.storage('data', 16, Uint32Array.of(1, 2, 3, 4));
  gpu.write(storage, Uint32Array.of(7, 8, 9).subarray(1, 3), 4);
  const [bytes] = await gpu.read([storage]);
  assert.equal(new Uint32Array(bytes!), Uint32Array.of(1, 8, 9, 4));
});

test('ranges are copied between storages in order, at their offsets', async () => {
  const from = gpu.storage('from', 12, Uint32Array.of(1, 2, 3));
  const to = gpu.storage('to', 12, Uint32Array.of(7, 8, 9));
  gpu.copy([
    { from, fromByte: 4, to, toByte: 0, bytes: 8 },
    { from: to, fromByte: 0, to: from, toByte: 8, bytes: 4 },
  ]);
  const read = await gpu.read([to, from]);
  assert.equal(
    read.map((bytes) => [...new Uint32Array(bytes)]),
    [
      [2, 3, 9],
      [1, 2, 2],
    ],
  );
});

test('a write beyond a storage is refused by its name', () => {
  const storage = gpu.storage('small', 256);
  assert.throws(() => gpu.write(storage, new Float32Array(65)), /'small' holds 256 bytes, not 260/);
  assert.throws(() => gpu.write(storage, new Float32Array(1), 256), /'small' holds 256 bytes, not 260/);
});

test('reading leaves no buffer behind', async () => {
  const storage = gpu.storage('data', 1000);
  const before = { ...gpu.allocated };
  for (let i = 0; i < 3; i++) await gpu.read([storage]);
  assert.equal({ ...gpu.allocated }, before);
});

const tooLarge = gpu.capabilities.maxBindingBytes + 4;

function isTooLarge(error: Error): boolean {
  assert.instance(error, UserError);
  const limit = gpu.capabilities.maxBindingBytes;
  return error.message.startsWith(
    `'huge' needs ${tooLarge} bytes in one buffer and this adapter allows ${limit}`,
  );
}

test('a storage larger than the adapter allows is refused by name, before anything is created', () => {
  const before = { ...gpu.allocated };
  assert.throws(() => gpu.storage('huge', tooLarge), isTooLarge);
  assert.equal({ ...gpu.allocated }, before);
});

test('so is an intermediate of a program', async () => {
  const recording = new Recording();
  const before = { ...gpu.allocated };
  recording.dispatch(fill(1, 0), { y: recording.plan('huge', tooLarge) });
  const error = await Program.build(gpu, recording).then(
    () => new Error('accepted'),
    (reason: Error) => reason,
  );
  assert.ok(isTooLarge(error), error.message);
  assert.equal({ ...gpu.allocated }, before);
});

test('so is a grid of more workgroups than an axis may have', async () => {
  const recording = new Recording();
  const limit = gpu.device.limits.maxComputeWorkgroupsPerDimension;
  const launch = { ...fill(1, 0), grid: [1, limit + 1, 1] as const };
  recording.dispatch(launch, { y: recording.plan('y', 4) });
  const before = { ...gpu.allocated };
  const error = await Program.build(gpu, recording).then(
    () => new Error('accepted'),
    (reason: Error) => reason,
  );
  assert.instance(error, UserError);
  const start = `'elementwise.fill' needs ${limit + 1} workgroups along one axis and this adapter allows ${limit}`;
  assert.ok(error.message.startsWith(start), error.message);
  assert.equal({ ...gpu.allocated }, before);
});

test('a storage has memory once: before it is placed it says so, and it cannot be placed again', () => {
  const storage = new Storage('late', 4);
  assert.not(storage.placed);
  assert.throws(() => storage.buffer, /'late' has no memory yet/);
  const { buffer } = gpu.storage('memory', 512);
  storage.place(buffer, 256);
  assert.ok(storage.placed);
  assert.is(storage.offset, 256);
  assert.throws(() => storage.place(buffer, 0), /'late' is placed already/);
});

test('a dispatch without one of its buffers is refused by the names of kernel and binding', async () => {
  const recording = new Recording();
  recording.dispatch(accumulate(4), { x: gpu.storage('x', 16) });
  const error = await Program.build(gpu, recording).then(
    () => new Error('accepted'),
    (reason: Error) => reason,
  );
  assert.match(error.message, /elementwise\.accumulate: no buffer is bound to 'y'/);
});

test('an error that the device reports is thrown at the next read', async () => {
  const storage = gpu.storage('data', 4);
  // A buffer cannot be mapped and be a storage at once.
  gpu.destroyBuffer(gpu.createBuffer('wrong', 4, GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE));
  const error = await gpu.read([storage]).then(
    () => new Error('accepted'),
    (reason: Error) => reason,
  );
  assert.match(error.message, /^WebGPU: /);
  assert.is((await gpu.read([storage])).length, 1);
});

test('grids lay any number of workgroups within the guaranteed limit along each axis', () => {
  for (const count of [1, 65535, 65536, 1_000_000, 2 ** 31]) {
    const [x, y, z] = linearGrid(count);
    assert.ok(x <= 65535 && y <= 65535 && z === 1);
    assert.ok(x * y >= count && x * y < count + y, `${x} × ${y} for ${count}`);
  }
});

test('kernels over more workgroups than one axis holds reach every element', async () => {
  // One element more than 65,535 workgroups of 64 write.
  const count = 65535 * 64 + 1;
  const recording = new Recording();
  const y = gpu.storage('long', 4 * count);
  recording.dispatch(fill(count, 3), { y });
  const program = await Program.build(gpu, recording);
  program.run();
  const [bytes] = await gpu.read([y]);
  assert.ok(new Float32Array(bytes!).every((value) => value === 3));
});

test.after(() => gpu.destroy());
test('a device that is lost says so wherever its work is waited for; one that was given back is not lost', async () => {
  const own = await Gpu.create(platform.gpu);
  const storage = own.storage('data', 4, Float32Array.of(1));
  const lost = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error) => error instanceof DeviceLostError,
    );
  own.device.destroy();
  assert.ok(await lost(own.read([storage])));
  assert.ok(await lost(own.idle()));
  const given = await Gpu.create(platform.gpu);
  given.destroy();
  await given.wait(given.device.lost);
  given.check();
});

test('an adapter that gives no device with half floats is asked again without', async () => {
  const asked: string[][] = [];
  const adapters: GPUAdapter[] = [];
  const access = {
    ...platform.gpu,
    async requestAdapter() {
      const adapter = await platform.gpu.requestAdapter();
      adapters.push(adapter);
      const features = new Set([...adapter.features, 'shader-f16']);
      const requestDevice: GPUAdapter['requestDevice'] = async (how) => {
        asked.push([...(how?.requiredFeatures ?? [])]);
        if (asked.at(-1)!.includes('shader-f16')) throw new Error('half floats do not work');
        return adapter.requestDevice(how);
      };
      const { limits, info } = adapter;
      return { features, limits, info, requestDevice } as unknown as GPUAdapter;
    },
  };
  const opened = await Gpu.create(access);
  assert.is(asked.length, 2);
  assert.ok(asked[0]!.includes('shader-f16'));
  assert.equal(
    asked[1],
    asked[0]!.filter((name) => name !== 'shader-f16' && name !== 'chromium-experimental-subgroup-matrix'),
  );
  assert.not(opened.capabilities.features.has('shader-f16'));
  // An adapter gives one device: another one is asked.
  assert.is(adapters.length, 2);
  opened.destroy();
});

test.run();
