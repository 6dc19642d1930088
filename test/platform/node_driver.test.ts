import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeGpu, nullGpu } from '../../src/platform/node_driver.ts';
import { testIf } from '../support.ts';

const file = fileURLToPath(import.meta.url);
const swiftShader = join(dirname(file), '..', '..', '..', '.driver', 'swiftshader');

// A driver is chosen once a process, so each choice is made in a process of its own: this file, asked to choose.
if (process.argv[2] === 'choose') {
  const outcome = await nodeGpu.requestAdapter().then(
    ({ info }) => ({ adapter: `${info.vendor} ${info.architecture}` }),
    (error: Error) => ({ error: error.name, message: error.message }),
  );
  console.log(JSON.stringify(outcome));
  process.exit();
}

function choose(environment: Record<string, string>): { adapter?: string; error?: string; message?: string } {
  const env = { ...process.env, KINDRED_DRIVER: '', ...environment };
  const result = spawnSync(process.execPath, [file, 'choose'], { env, encoding: 'utf8' });
  assert.is(result.status, 0, result.stderr);
  return JSON.parse(result.stdout);
}

const noSystemDriver = { VK_ICD_FILENAMES: '/nonexistent.json', VK_DRIVER_FILES: '/nonexistent.json' };
const isLinux = process.platform === 'linux';
const fetched = existsSync(swiftShader);

testIf(isLinux, 'Linux only', 'without a driver the error says what to install', () => {
  const { error, message } = choose({ ...noSystemDriver, KINDRED_DRIVER: 'system' });
  assert.is(error, 'NoAdapterError');
  assert.match(message ?? '', /npm run setup:system/);
});

test('an unknown driver name is refused', () => {
  const { error, message } = choose({ KINDRED_DRIVER: 'fast' });
  assert.is(error, 'UserError');
  assert.match(message ?? '', '"fast"');
});

const notFetched = 'SwiftShader is not in .driver: KINDRED_DRIVER=swiftshader npm run setup fetches it';
testIf(fetched, notFetched, 'SwiftShader is used where the system has no driver', () => {
  assert.is(choose(noSystemDriver).adapter, 'google swiftshader');
});

testIf(fetched, notFetched, 'SwiftShader is used when asked for, whatever the system has', () => {
  assert.is(choose({ KINDRED_DRIVER: 'swiftshader' }).adapter, 'google swiftshader');
});

test('Dawn runs without timestamp quantisation and with subgroup matrices where the backend has them', async () => {
  const features = (await nullGpu().requestAdapter()).features as ReadonlySet<string>;
  assert.ok(features.has('chromium-experimental-subgroup-matrix'));
  const device = await (await nodeGpu.requestAdapter()).requestDevice({
    requiredFeatures: ['timestamp-query'],
  });
  const times = await timestamps(device, 8);
  device.destroy();
  // Dawn's quantised timestamps are all multiples of 65,536 ns; eight true ones are so once in 2^128.
  assert.ok(times.some((time) => time % 65536n !== 0n));
});

/** GPU times, in ns, of the beginnings of so many empty passes. */
async function timestamps(device: GPUDevice, count: number): Promise<bigint[]> {
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const size = count * 8;
  const resolved = device.createBuffer({
    size,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const readable = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  for (let i = 0; i < count; i++) {
    encoder.beginComputePass({ timestampWrites: { querySet, beginningOfPassWriteIndex: i } }).end();
  }
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, readable, 0, size);
  device.queue.submit([encoder.finish()]);
  await nodeGpu.wait(readable.mapAsync(GPUMapMode.READ));
  return [...new BigUint64Array(readable.getMappedRange())];
}

test('the null backend finds the error in a wrong shader and none in a right one', async () => {
  const gpu = nullGpu();
  const device = await (await gpu.requestAdapter()).requestDevice();
  const errors = async (code: string) => {
    device.pushErrorScope('validation');
    const { messages } = await gpu.wait(device.createShaderModule({ code }).getCompilationInfo());
    await gpu.wait(device.popErrorScope());
    return messages.filter((message) => message.type === 'error').length;
  };
  assert.is(await errors('@compute @workgroup_size(1) fn main() {}'), 0);
  assert.is(await errors('@compute @workgroup_size(1) fn main() { missing(); }'), 1);
  device.destroy();
});

test('wait hands on the value and the very error', async () => {
  assert.is(await nodeGpu.wait(Promise.resolve(7)), 7);
  const reason = new Error('reason');
  const caught = await nodeGpu.wait(Promise.reject(reason)).catch((error) => error);
  assert.is(caught, reason);
});

test('waiting leaves the processor to the software driver', async () => {
  const before = process.cpuUsage();
  await nodeGpu.wait(new Promise((resolve) => setTimeout(resolve, 400)));
  const { user, system } = process.cpuUsage(before);
  // Polls without pauses take all of the 400 ms; pauses that grow to 2 ms leave a few hundred polls, some 10 ms.
  assert.ok(user + system < 200_000, `took ${(user + system) / 1000} ms of processor time`);
});

test('waiting ends soon after the promise settles', async () => {
  const start = performance.now();
  await nodeGpu.wait(new Promise((resolve) => setTimeout(resolve, 100)));
  // Pauses end at 2 ms; the rest is for a machine with other work.
  assert.ok(performance.now() - start < 150);
});

test.run();
