// A pretext training through the page's own buttons, with the real worker: a device that is lost is replaced once and
// then asks for a press, a reload comes back to it, it pauses, and the page stays awake meanwhile.
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium } from '../browser/chromium.ts';
import { testIf } from '../support.ts';
import { openKindred } from './page_browser.ts';

const chromium = findChromium();

/** The studio's worker, with a way to take its devices away, as a driver that is reset does. */
const worker = `
  import './studio_worker.js?own';
  const devices = [];
  const ask = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...how) {
    const device = await ask.apply(this, how);
    devices.push(device);
    return device;
  };
  new BroadcastChannel('lose').onmessage = () => {
    for (const device of devices.splice(0)) device.destroy();
  };`;
const loseDevice = (page: Page) => page.evaluate("new BroadcastChannel('lose').postMessage('')");

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

/** A few small image files, each of its own colours. */
const pictures = () =>
  Array.from({ length: 24 }, (_, i) => {
    const png = new PNG({ width: 32, height: 32 });
    for (let at = 0; at < 1024; at++)
      png.data.set([(at * (1 + (i % 5))) & 255, 10 * i, (at >> 5) * (1 + (i % 3)), 255], 4 * at);
    return { name: `${i}.png`, mimeType: 'image/png', buffer: PNG.sync.write(png) };
  });

/** A training that a processor is through with soon. */
async function chooseSmall(page: Page): Promise<void> {
  await page.getByLabel('Train on these images').check();
  await page.getByLabel('Passes over the images').fill('16');
  await page.getByLabel('Images a step').fill('12');
  await page.getByLabel('Width of the network').fill('2');
}

/** Waits until so many epochs of this training are done. @returns the epoch that the page shows then */
async function epochs(page: Page, least: number): Promise<number> {
  const shown = page.locator('.chart figcaption');
  for (;;) {
    await shown.waitFor();
    const epoch = Number(/after epoch (\d+)/.exec((await shown.textContent()) ?? '')?.[1]);
    if (epoch >= least) return epoch;
    await page.waitForTimeout(50);
  }
}

testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  'a training survives that the device is lost, once by itself and then by a button, also behind a reload, and is paused',
  async () => {
    const kindred = await openKindred(chromium!, worker);
    try {
      const page = await kindred.tab();
      await page.getByLabel('Image files').setInputFiles(pictures());
      await button(page, 'Learn from these images').click();
      await chooseSmall(page);
      const longest = await kindred.longestTask(page, async () => {
        await button(page, 'Begin').click();
        await epochs(page, 3);
        await page.locator('.map canvas').waitFor();
      });
      assert.ok(longest < 100, `a task of ${longest} ms`);

      // Each beginning compiles for seconds: the two losses, the reload and the pause share them.
      const before = await epochs(page, 3);
      await loseDevice(page);
      await page.getByText(/goes on from the last step that was kept/).waitFor();
      const kept = await epochs(page, before + 1);
      assert.is(await button(page, 'Go on with it').count(), 0);
      await loseDevice(page);
      await page.getByText(/twice: go on from the last kept step/).waitFor();
      await button(page, 'Go on with it').waitFor();

      await page.reload();
      await button(page, 'Go on with it').click();
      const first = await epochs(page, 1);
      assert.ok(first >= kept, `epoch ${first} behind a reload after ${kept}`);
      await button(page, 'Go on to labelling').waitFor({ timeout: 150_000 });
      await page.locator('.map canvas').waitFor();

      // A second training that is paused leaves the choice between the two.
      await chooseSmall(page);
      await button(page, 'Learn anew').click();
      await button(page, 'Pause').click();
      await button(page, 'Go on with it').waitFor();
      assert.equal(kindred.problems, []);
    } finally {
      await kindred.close();
    }
  },
);

test.run();
