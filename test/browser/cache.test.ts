import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type * as library from '../../src/internal.ts';
import { testIf } from '../support.ts';
import { findChromium, openPage } from './chromium.ts';

const chromium = findChromium();
const missing = 'no chromium or google-chrome on PATH';
const built = fileURLToPath(new URL('../../browser', pathToFileURL(process.argv[1]!)));

/** Compiles a product in an engine of its own. Refers to nothing but its arguments: its text runs in a page. */
async function compileProduct({ Engine, matmul }: typeof library, seconds: number) {
  const shown: string[] = [];
  const onProgress = (done: number, total: number) => shown.push(`${done} of ${total}`);
  const engine = await Engine.create({ tuning: { seconds, onProgress } });
  try {
    const x = engine.input([128, 128], 'f32', new Float32Array(128 * 128).fill(0.5));
    const program = await engine.compile(() => ({ y: matmul(x, x) }));
    program.run();
    const { y } = await program.read();
    return { shown, value: y[77], choices: engine.choices.measured };
  } finally {
    engine.destroy();
  }
}

testIf(
  chromium,
  missing,
  "a page keeps what it tuned in IndexedDB, for its next visit's engine",
  async () => {
    const { page, problems, close } = await openPage(chromium!, built);
    const compile = (seconds: number) =>
      page.evaluate(
        `(async () => (${compileProduct})(await import('/internal.mjs'), ${seconds}))()`,
      ) as ReturnType<typeof compileProduct>;
    const inPage = (code: string) =>
      page.evaluate(
        `(async () => { const { platform } = await import('/internal.mjs'); return ${code}; })()`,
      );
    try {
      assert.is(await inPage("platform.cache.read('kernels.json')"), undefined);
      const first = await compile(60);
      assert.equal(first.shown, ['0 of 1']);
      assert.is(first.value, 32);
      const [name] = Object.values(first.choices);
      assert.match(String(name), /^(subgroup|tile)-/);
      await page.reload();
      const second = await compile(60);
      assert.equal(second, { ...first, shown: [] });
      // What is no text of ours counts as absent.
      await inPage("platform.cache.write('kernels.json', '{')");
      await page.reload();
      assert.is(await inPage("platform.cache.read('kernels.json')"), '{');
      assert.equal((await compile(0)).choices, {});
      assert.equal(problems, []);
    } finally {
      await close();
    }
  },
);

testIf(chromium, missing, 'a page whose database is refused goes on without a cache', async () => {
  const { page, problems, close } = await openPage(chromium!, built);
  try {
    const read = await page.evaluate<string[]>(`(async () => {
      const { platform } = await import('/internal.mjs');
      IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };
      return [await platform.cache.write('a', 'b'), await platform.cache.read('a')];
    })()`);
    assert.match(read[0]!, /SecurityError/);
    assert.not.ok(read[1]);
    assert.equal(problems, []);
  } finally {
    await close();
  }
});

test.run();
