import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import type { Capabilities } from '../../../src/gpu/device.ts';
import type { Program } from '../../../src/gpu/program.ts';
import { matmulFamily } from '../../../src/kernels/matmul.ts';
import type { Candidate, Problem } from '../../../src/kernels/tuning/problem.ts';
import { type SearchOptions, search } from '../../../src/kernels/tuning/search.ts';
import { problemOf } from '../../../src/kernels/tuning/variant.ts';

// The candidates are one tile for matmul under several names, so that little compiles; the clock is the test's own.
const engine = await Engine.create();
const { gpu } = engine;
const shape = { m: 33, n: 20, k: 260, transposeA: false, transposeB: false };
const real = problemOf(matmulFamily, gpu.capabilities, shape);

/** The twin under another name, with its launch changed. */
function candidate(
  name: string,
  changed: Partial<Candidate['steps'][0]['launch']> = {},
  form = name,
): Candidate {
  const steps = real.twin.steps.map((step) => ({ ...step, launch: { ...step.launch, ...changed } }));
  return { name, form, steps, scratch: real.twin.scratch };
}

const problem = (candidates: readonly [Candidate, ...Candidate[]]): Problem => ({ ...real, candidates });
const launch = real.twin.steps[0]!.launch;
/** A kernel of its own, so that what is found of it does not tell of the twin's. */
const otherTile = { constants: { ...launch.constants, COLUMNS: 5 } };

/** A clock that gives each program the time of its place among those that are timed. */
function fixedClock(times: readonly number[]): SearchOptions['clock'] & { calls: number } {
  const known = new Map<Program, number>();
  const clock = Object.assign(
    async (program: Program) => {
      clock.calls++;
      if (!known.has(program)) known.set(program, times[known.size]!);
      return known.get(program)!;
    },
    { calls: 0 },
  );
  return clock;
}

test('the variants of the real problem agree with the twin, and the fastest is one of them', async () => {
  const refused: string[] = [];
  const found = await search(gpu, real, { onRefused: (message) => refused.push(message) });
  assert.equal(refused, []);
  assert.ok(real.candidates.some(({ name }) => name === found!.best));
  for (const [, time] of found!.milliseconds) assert.ok(time > 0);
});

test('the fastest is chosen; one that is less than 5% faster is not', async () => {
  const rivals = problem([candidate('default'), candidate('b'), candidate('c')]);
  const best = async (times: readonly number[]) =>
    (await search(gpu, rivals, { clock: fixedClock(times) }))!.best;
  assert.is(await best([20, 19.5, 30]), 'default');
  assert.is(await best([20, 18.5, 18]), 'c');
  assert.is(await best([20, 10, 18]), 'b');
});

test('of the best form its other ways of being handed the work are tried, of other forms not', async () => {
  const cut = { grid: [5, 5, 1] as const, params: { ...launch.params! } };
  const wider = { grid: [6, 5, 1] as const };
  const rivals = problem([
    candidate('a'),
    candidate('b'),
    candidate('a/2', cut, 'a'),
    candidate('b/2', wider, 'b'),
  ]);
  const found = await search(gpu, rivals, { clock: fixedClock([20, 15, 10]) });
  assert.is(found!.best, 'b/2');
  assert.not(found!.milliseconds.has('a/2'));
});

test('a kernel that leaves out a product is refused, however fast', async () => {
  const params = { ...launch.params!, k: 259, slice: 259 };
  await assertRefused(
    candidate('short', { params, ...otherTile }),
    /short is not used: it differs from the plain kernel/,
  );
});

test('a kernel that leaves outputs unwritten is refused', async () => {
  const [x, y] = launch.grid;
  await assertRefused(
    candidate('lazy', { grid: [x - 1, y, 1], ...otherTile }),
    /lazy is not used: it differs/,
  );
});

test('a kernel that gives no number is refused', async () => {
  const source = launch.shader.source.replace(
    'var value =',
    'var value = bitcast<f32>(0x7fc00000u + params.m * 0u) +',
  );
  assert.is.not(source, launch.shader.source);
  await assertRefused(
    candidate('nan', { shader: { ...launch.shader, source }, ...otherTile }),
    /nan is not used: it differs/,
  );
});

/** Does not compile; by its number another kernel than before. */
function broken(number: number): Candidate {
  const source = `${launch.shader.source}\nfn broken${number}( {`;
  return candidate('broken', { shader: { ...launch.shader, source }, ...otherTile });
}

test('a kernel that does not compile is refused, and the device goes on', async () => {
  await assertRefused(broken(1), /broken is not used: /);
});

test('on a graphics card, where kernels compile ahead, only the broken one is refused', async () => {
  const capabilities = gpu.capabilities as { driver: Capabilities['driver'] };
  const { driver } = capabilities;
  capabilities.driver = 'gpu';
  try {
    await assertRefused(broken(2), /broken is not used: /);
  } finally {
    capabilities.driver = driver;
  }
});

test('a program whose result cannot be read gives its memory back', async () => {
  const memory = gpu.allocated.bytes;
  const { read } = gpu;
  let reads = 0;
  // The first is the twin's.
  gpu.read = (storages) =>
    ++reads === 2 ? Promise.reject(new Error('the device is\ngone')) : read.call(gpu, storages);
  const messages: string[] = [];
  try {
    await search(gpu, problem([candidate('default')]), { onRefused: (message) => messages.push(message) });
  } finally {
    gpu.read = read;
  }
  assert.equal(messages, [`${real.key}: default is not used: the device is`]);
  assert.is(gpu.allocated.bytes, memory);
});

async function assertRefused(wrong: Candidate, says: RegExp): Promise<void> {
  const memory = gpu.allocated.bytes;
  const messages: string[] = [];
  const refused = new Set<string>();
  const options = { refused, onRefused: (message: string) => messages.push(message) };
  const rivals = problem([candidate('default'), wrong]);
  assert.is((await search(gpu, rivals, options))!.best, 'default');
  assert.is(messages.length, 1);
  assert.match(messages[0]!, says);
  assert.not.match(messages[0]!, '\n');
  // It is not tried again for another class.
  assert.is((await search(gpu, problem([wrong, candidate('default')]), options))!.best, 'default');
  assert.is(messages.length, 1);
  await gpu.idle();
  assert.is(gpu.allocated.bytes, memory);
}

test('a search that has no time for more keeps the fastest form', async () => {
  const clock = fixedClock([20, 15]);
  const rivals = problem([
    candidate('default'),
    candidate('b'),
    candidate('b/2', { grid: [6, 5, 1], ...otherTile }, 'b'),
  ]);
  // Of the two forms each is timed once to see how long it lasts, and seven times in the race.
  const found = await search(gpu, rivals, { clock, isLate: () => clock.calls >= 16 });
  assert.is(clock.calls, 16);
  assert.equal([found!.best, [...found!.milliseconds.keys()]], ['b', ['default', 'b']]);
});

test('a search ends without a result when time is up, and gives its memory back', async () => {
  const before = gpu.allocated.bytes;
  const clock = fixedClock([20, 15]);
  const rivals = problem([candidate('default'), candidate('b')]);
  assert.is(await search(gpu, rivals, { clock, isLate: () => clock.calls >= 4 }), undefined);
  assert.is(clock.calls, 4);
  assert.is(gpu.allocated.bytes, before);
});

test.after(() => engine.destroy());
test.run();
