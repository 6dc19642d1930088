import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import { matmulFamily } from '../../../src/kernels/matmul.ts';
import type { TuningOptions } from '../../../src/kernels/tuning/tuner.ts';
import { nameOf } from '../../../src/kernels/tuning/variant.ts';
import { matmul } from '../../../src/ops/matmul.ts';
import { privateCache } from '../../support.ts';

// The user's own cache stays out of it.
const folder = mkdtempSync(join(tmpdir(), 'kindred-tuner-'));
Object.assign(process.env, privateCache(folder));

/** Two classes, of which the second has more to do. */
const sides = [128, 256];
const keys = sides.map((side) =>
  matmulFamily.key({ m: side, n: side, k: side, transposeA: false, transposeB: false }),
);

/** Compiles both products in an engine of its own. */
async function compileProducts(tuning: TuningOptions) {
  const engine = await Engine.create({ tuning });
  let calls = 0;
  try {
    const inputs = sides.map((side) =>
      engine.input([side, side], 'f32', new Float32Array(side * side).fill(0.5)),
    );
    const program = await engine.compile(() => {
      calls++;
      const [small, large] = inputs.map((x) => matmul(x, x));
      return { small: small!, large: large! };
    });
    program.run();
    const { small, large } = await program.read();
    assert.equal([small[5], large[5]], [32, 64]);
    return {
      calls,
      measured: engine.choices.measured,
      used: engine.choices.used,
      counts: engine.choices.counts,
      capabilities: engine.gpu.capabilities,
    };
  } finally {
    engine.destroy();
  }
}

test('a budget is obeyed: what it has no time for keeps its default, for good', async () => {
  const { measured, calls } = await compileProducts({ seconds: 1e-9 });
  assert.equal(measured, { [keys[1]!]: null, [keys[0]!]: null });
  assert.is(calls, 2);
  const later = await compileProducts({ seconds: 0 });
  assert.equal(later.measured, measured);
  assert.is(later.calls, 1);
});

test('who names a budget has it spent on what was left out, most work first; a later engine finds it', async () => {
  const shown: number[][] = [];
  const onProgress = (done: number, total: number) => shown.push([done, total]);
  const { measured, counts, capabilities } = await compileProducts({ seconds: 60, onProgress });
  assert.equal(shown, [
    [0, 2],
    [1, 2],
  ]);
  assert.equal(Object.keys(measured), [keys[1]!, keys[0]!]);
  const shape = { m: 128, n: 128, k: 128, transposeA: false, transposeB: false };
  const names = matmulFamily.variants(capabilities, shape).map(nameOf);
  for (const key of keys) assert.ok(names.includes(measured[key]!), `${key}: ${measured[key]}`);
  const again = await compileProducts({ seconds: 60, onProgress });
  assert.equal(again.measured, measured);
  assert.is(again.calls, 1);
  assert.is(shown.length, 2);
  assert.equal(counts.measured, 2);
});

test('a choice by a name that no variant bears leaves the default', async () => {
  const engine = await Engine.create();
  const { choices } = engine;
  choices.learn(Object.fromEntries(keys.map((key) => [key, 'tile-1x2x3'])));
  const x = engine.input([128, 128], 'f32', new Float32Array(128 * 128).fill(0.5));
  const program = await engine.compile(() => ({ y: matmul(x, x) }));
  program.run();
  assert.is((await program.read()).y[9], 32);
  engine.destroy();
});

test('a run that goes on has its own choices, and a budget times nothing of what it left out', async () => {
  const shown: number[] = [];
  const fixed = { [keys[0]!]: 'tile-8x8x8', [keys[1]!]: null };
  const { measured, calls, used } = await compileProducts({
    seconds: 60,
    fixed,
    onProgress: (done) => shown.push(done),
  });
  assert.equal([shown, calls], [[], 1]);
  assert.equal(used, fixed);
  // What another search found here is not forgotten over it.
  assert.equal(Object.keys(measured).sort(), [...keys].sort());
});

test('why a cache cannot be written is told', async () => {
  const { XDG_CACHE_HOME } = process.env;
  const blocked = join(folder, 'a file');
  writeFileSync(blocked, '');
  process.env.XDG_CACHE_HOME = blocked;
  const reasons: string[] = [];
  await compileProducts({ seconds: 1e-9, onUnkept: (reason) => reasons.push(reason) });
  process.env.XDG_CACHE_HOME = XDG_CACHE_HOME!;
  assert.is(reasons.length, 1);
  assert.match(reasons[0]!, /^[^\n]*a file[^\n]*$/);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
