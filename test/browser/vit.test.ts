import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as library from '../../src/index.ts';
import { projectRoot, testIf } from '../support.ts';
import { findChromium, openPage } from './chromium.ts';
import { vitFeatures } from './vit_features.ts';

const chromium = findChromium();
// A test of this folder is built to <build>/test/browser/<name>.test.mjs, the page's library to <build>.
const built = fileURLToPath(new URL('../../browser', pathToFileURL(process.argv[1]!)));
const file = fileURLToPath(import.meta.url);
const swiftShader = join(projectRoot, '.driver/swiftshader');

type Found = Awaited<ReturnType<typeof vitFeatures>>;

// A driver is chosen once a process, so SwiftShader has a process of its own: this file, asked for features.
if (process.argv[2] === 'features') {
  console.log(JSON.stringify(await vitFeatures(library)));
  process.exit();
}

testIf(
  chromium && existsSync(swiftShader),
  'no Chromium, or no SwiftShader in .driver: KINDRED_DRIVER=swiftshader npm run setup fetches it',
  'a vision transformer’s features in Chromium and in Node agree to the last digit on the same driver',
  async () => {
    const env = { ...process.env, KINDRED_DRIVER: 'swiftshader' };
    const result = spawnSync(process.execPath, [file, 'features'], { env, encoding: 'utf8' });
    assert.is(result.status, 0, result.stderr);
    const inNode = JSON.parse(result.stdout) as Found;
    const { page, problems, close } = await openPage(chromium!, built);
    try {
      const inPage = (await page.evaluate(
        `(async () => (${vitFeatures})(await import('/kindred.mjs')))()`,
      )) as Found;
      console.log(`Chromium on ${inPage.adapter}, Node on ${inNode.adapter}`);
      assert.is(inPage.features.length, 3 * 128);
      assert.ok(new Set(inPage.features).size > 300, 'features differ from one another');
      assert.equal(inPage.features, inNode.features);
      assert.equal(problems, []);
    } finally {
      await close();
    }
  },
);

test.run();
