import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as library from '../../src/index.ts';
import { projectRoot, testIf } from '../support.ts';
import { findChromium, openPage } from './chromium.ts';
import { firstLosses, type TinyRun } from './losses.ts';

const chromium = findChromium();
const missing = 'no chromium or google-chrome on PATH';
// A test of this folder is built to <build>/test/browser/<name>.test.mjs, the page's library to <build>.
const built = fileURLToPath(new URL('../../browser', pathToFileURL(process.argv[1]!)));

const run: TinyRun = { images: 24, side: 16, batch: 8, steps: 20, learningRate: 0.01 };

const file = fileURLToPath(import.meta.url);
const swiftShader = join(projectRoot, '.driver/swiftshader');
// A driver is chosen once a process, so SwiftShader trains in a process of its own: this file, asked for losses.
if (process.argv[2] === 'losses') {
  console.log(JSON.stringify(await firstLosses(library, run)));
  process.exit();
}

/** Losses of Node on SwiftShader, which is what Chromium is told to take. */
function lossesOnSwiftShader(): Awaited<ReturnType<typeof firstLosses>> {
  const env = { ...process.env, KINDRED_DRIVER: 'swiftshader' };
  const result = spawnSync(process.execPath, [file, 'losses'], { env, encoding: 'utf8' });
  assert.is(result.status, 0, result.stderr);
  return JSON.parse(result.stdout);
}

let inPage: Awaited<ReturnType<typeof firstLosses>> | undefined;

testIf(
  chromium,
  missing,
  'the first training steps in headless Chromium give the losses that Node gives, whatever its driver',
  async () => {
    const { page, problems, close } = await openPage(chromium!, built);
    try {
      const text = `(async () => (${firstLosses})(await import('/kindred.mjs'), ${JSON.stringify(run)}))()`;
      inPage = (await page.evaluate(text)) as Awaited<ReturnType<typeof firstLosses>>;
      const inNode = await firstLosses(library, { ...run, steps: 3 });
      console.log(`Chromium on ${inPage.adapter}: ${inPage.losses.join(', ')}`);
      console.log(`Node on ${inNode.adapter}: ${inNode.losses.join(', ')}`);
      assert.is(inPage.losses.length, run.steps);
      // Drivers differ in the last bits of exp and inverse square roots, and sum in tiles of other sizes; batch norm
      // over few values and the updates between make more of it with every step. Both software drivers stay within
      // 1e-6; a learning rate a tenth too high changes the second loss by 3e-3.
      for (const [step, bound] of [1e-5, 1e-4, 1e-3].entries()) {
        const [actual, expected] = [inPage.losses[step]!, inNode.losses[step]!];
        const told = `step ${step}: ${actual}, in Node ${expected}`;
        assert.ok(Math.abs(actual - expected) < bound * expected, told);
      }
      // Each batch is of other images, so each loss is another.
      assert.is(new Set(inPage.losses).size, run.steps);
      assert.equal(problems, []);
    } finally {
      await close();
    }
  },
);

testIf(
  chromium && existsSync(swiftShader),
  'no Chromium, or no SwiftShader in .driver: KINDRED_DRIVER=swiftshader npm run setup fetches it',
  'twenty training steps in Chromium and in Node agree to the last digit on the same driver',
  () => {
    const inNode = lossesOnSwiftShader();
    console.log(`Node on ${inNode.adapter}: ${inNode.losses.join(', ')}`);
    assert.is(inNode.losses.length, 20);
    assert.equal(inPage!.losses, inNode.losses);
  },
);

testIf(chromium, missing, 'a page without WebGPU is told what it needs', async () => {
  const { page, close } = await openPage(chromium!, built);
  try {
    const message = await page.evaluate(`(async () => {
      Object.defineProperty(navigator, 'gpu', { value: undefined });
      const { Engine } = await import('/kindred.mjs');
      return Engine.create().then(() => 'created', (error) => error.name + ': ' + error.message);
    })()`);
    assert.match(message as string, /^NoAdapterError: This page has no WebGPU: use Chrome or Edge/);
  } finally {
    await close();
  }
});

test.run();
