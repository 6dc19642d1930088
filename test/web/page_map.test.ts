// The map on the page with 10,000 points: how long each redraw takes there while what is seen of it changes.
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium } from '../browser/chromium.ts';
import { testIf } from '../support.ts';
import { madeUpStudio, openKindred } from './page_browser.ts';
import { startedProcessorTime } from './processor_time.ts';

const chromium = findChromium();
const frames = 60;

/** In the page: zooms with each frame; gives the milliseconds from redraw to redraw. */
const zooming = `(async () => {
  const canvas = document.querySelector('.map canvas');
  const redraws = [];
  // Either painter puts the pixels of a redraw on the canvas at once.
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    if (this.canvas === canvas) redraws.push(performance.now());
    return put.apply(this, given);
  };
  const { left, top, width } = canvas.getBoundingClientRect();
  for (let i = 0; redraws.length <= ${frames}; i++) {
    const deltaY = i % 40 < 20 ? -20 : 20;
    const place = { clientX: left + width / 2, clientY: top + width / 2 };
    canvas.dispatchEvent(new WheelEvent('wheel', { deltaY, ctrlKey: true, cancelable: true, ...place }));
    await new Promise(requestAnimationFrame);
  }
  return { side: canvas.width, times: redraws.slice(1).map((time, i) => time - redraws[i]) };
})()`;

async function openMap(page: Page): Promise<void> {
  const files = ['a.png', 'b.png', 'c.png'];
  await page
    .getByLabel('Image files')
    .setInputFiles(files.map((name) => ({ name, mimeType: 'image/png', buffer: Buffer.from('made up') })));
  await page.getByRole('button', { name: 'Learn from these images' }).click();
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('button', { name: 'Go on to labelling' }).click();
  await page
    .getByRole('img', { name: /^Map of 10,000 images/ })
    .or(page.locator('.map canvas'))
    .first()
    .waitFor();
  // Some of the points get pictures when the map has rested.
  await page.waitForTimeout(1500);
}

/**
 * Thirty redraws a second where the page draws by the processor, as it does on software adapters; ten where it draws by a
 * graphics card, whose place a software adapter takes here: SwiftShader alone needs most of that.
 */
for (const [painter, head, most] of [
  ['the processor', '', 1000 / 30],
  ['the GPU', 'globalThis.isHardware = true;', 1000 / 10],
] as const) {
  testIf(
    chromium,
    'no chromium or google-chrome on PATH',
    `10,000 points are redrawn ${Math.round(1000 / most)} times a second in the page by ${painter}`,
    async () => {
      const kindred = await openKindred(chromium!, `${head}${await madeUpStudio()}`);
      try {
        const page = await kindred.tab();
        await openMap(page);
        const before = startedProcessorTime();
        const { side, times } = (await page.evaluate(zooming)) as { side: number; times: number[] };
        const median = times.toSorted((a, b) => a - b)[times.length >> 1]!;
        const taken = before === undefined ? median : (startedProcessorTime()! - before) / times.length;
        console.log(
          `     ${painter}, ${side} pixels wide: ${median.toFixed(1)} ms by the clock a redraw, ${taken.toFixed(1)} of the browser's processor time`,
        );
        // All of the browser's processes; the clock also counts how long other programs held it up.
        assert.ok(taken < most, `${taken.toFixed(1)} ms a redraw`);
        assert.equal(kindred.problems, []);
      } finally {
        await kindred.close();
      }
    },
  );
}

test.run();
