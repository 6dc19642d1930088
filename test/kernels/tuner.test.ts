import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { Choices } from '../../src/gpu/choices.ts';
import type { Capabilities } from '../../src/gpu/device.ts';
import { keepChoices, recallChoices } from '../../src/kernels/choice_cache.ts';
import { matmulFamily } from '../../src/kernels/matmul.ts';
import shippedChoices from '../../src/kernels/shipped_choices.json';
import type { TuningOptions } from '../../src/kernels/tuner.ts';
import { nameOf } from '../../src/kernels/variant.ts';
import { matmul } from '../../src/ops/matmul.ts';
import { privateCache } from '../support.ts';

// The user's own cache stays out of it.
const folder = mkdtempSync(join(tmpdir(), 'kindred-tuner-'));
Object.assign(process.env, privateCache(folder));
const file = join(folder, 'kindred', 'kernels.json');

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
      measured: engine.gpu.capabilities.choices.measured,
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
  const { measured, capabilities } = await compileProducts({ seconds: 60, onProgress });
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
  assert.equal(capabilities.choices.counts.measured, 2);
});

const known = async (capabilities: Capabilities): Promise<Choices> => {
  const choices = new Choices();
  await recallChoices({ ...capabilities, choices });
  return choices;
};

const card = {
  driver: 'gpu',
  description: 'A card',
  choices: new Choices(),
} as unknown as Capabilities;

test('choices are kept for each adapter, and no others than those of its kernels hold', async () => {
  card.choices.learn({ 'matmul NN 8x8x8': 'tile-64x4x8', other: null });
  await keepChoices(card);
  assert.equal((await known(card)).measured, { 'matmul NN 8x8x8': 'tile-64x4x8', other: null });
  assert.equal((await known({ ...card, description: 'Another card' })).measured, {});
  assert.equal((await known({ ...card, driver: 'llvmpipe' })).measured, {});
  const stored = JSON.parse(readFileSync(file, 'utf8'));
  // The software adapter's of the tests above, and this one's.
  assert.is(Object.keys(stored).length, 2);
  stored['gpu: A card'].kernels = '0123456789abcdef';
  writeFileSync(file, JSON.stringify(stored));
  assert.equal((await known(card)).measured, {});
});

test('a damaged or foreign cache counts as empty and is written anew', async () => {
  const damaged = [
    '',
    '{"gpu: A card": {"kern',
    '[1]',
    'null',
    '{"gpu: A card": {"kernels": "x", "choices": {"a": 1}}}',
  ];
  for (const text of damaged) {
    writeFileSync(file, text);
    assert.equal((await known(card)).measured, {}, text);
    await keepChoices(card);
    assert.is((await known(card)).measured.other, null, text);
    assert.equal(Object.keys(JSON.parse(readFileSync(file, 'utf8'))), ['gpu: A card'], text);
  }
});

test('a choice by a name that no variant bears leaves the default', async () => {
  const engine = await Engine.create();
  const { choices } = engine.gpu.capabilities;
  choices.learn(Object.fromEntries(keys.map((key) => [key, 'tile-1x2x3'])));
  const x = engine.input([128, 128], 'f32', new Float32Array(128 * 128).fill(0.5));
  const program = await engine.compile(() => ({ y: matmul(x, x) }));
  program.run();
  assert.is((await program.read()).y[9], 32);
  engine.destroy();
});

test('what was measured goes before what was shipped; small shapes are not asked for', () => {
  const choices = new Choices();
  choices.ship({ a: 'shipped', b: 'shipped' });
  choices.learn({ a: 'measured' });
  const never = () => {
    throw new Error('not to be made before it is timed');
  };
  assert.equal(
    ['a', 'b', 'c'].map((key) => choices.get(key, 1e9, never)),
    ['measured', 'shipped', undefined],
  );
  choices.get('c', 1e9, never);
  choices.get('small', 1e5, never);
  choices.get('d', 3e9, never);
  assert.equal(
    choices.wishes.map(({ key, multiplyAdds }) => [key, multiplyAdds]),
    [
      ['d', 3e9],
      ['c', 2e9],
    ],
  );
  assert.equal(choices.counts, { measured: 1, shipped: 1 });
  choices.learn({ c: null, d: 'x' });
  assert.equal(choices.wishes, []);
  choices.forgetUntimed();
  assert.equal([choices.known('c'), choices.known('d')], [undefined, 'x']);
});

test('every shipped choice is the name of a variant of some driver', () => {
  for (const [adapter, table] of Object.entries(shippedChoices as Record<string, Record<string, string>>)) {
    for (const [key, name] of Object.entries(table)) {
      assert.match(key, /^(matmul|forward|input gradient|weight gradient) /, adapter);
      assert.match(name, /^(tile-\d+x\d+x\d+|(subgroup|runs)-\d+x\d+)(\/k\d+)?$/, adapter);
    }
  }
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
