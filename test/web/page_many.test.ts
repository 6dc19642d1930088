// A folder of 20,000 images in the page, with the real worker: what it takes of memory, and whether the page stays awake.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium } from '../browser/chromium.ts';
import { testIf } from '../support.ts';
import { openKindred } from './page_browser.ts';

const chromium = findChromium();
const count = 20_000;

/** In the page: drops so many files of 32×32 pixels, a few hundred different ones. Files that are alike share their bytes. */
async function drop(files: number): Promise<void> {
  const canvas = new OffscreenCanvas(32, 32);
  const context = canvas.getContext('2d')!;
  const different: Blob[] = [];
  for (let i = 0; i < 250; i++) {
    context.fillStyle = `hsl(${i} 60% 50%)`;
    context.fillRect(0, 0, 32, 32);
    context.clearRect(i % 30, (i * 7) % 30, 8, 5);
    different.push(await canvas.convertToBlob({ type: 'image/png' }));
  }
  const transfer = new DataTransfer();
  for (let i = 0; i < files; i++)
    transfer.items.add(new File([different[i % 250]!], `${i}.png`, { type: 'image/png' }));
  const zone = document.querySelector('.drop')!;
  zone.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}

/** In the page: bytes of its own memory and of all its workers'. */
const memory = `performance.measureUserAgentSpecificMemory().then(({ bytes }) => bytes)`;

testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  '20,000 images that are dropped take no memory but that of their names, and keep the page awake',
  async () => {
    const kindred = await openKindred(chromium!);
    try {
      const page = await kindred.tab();
      page.setDefaultTimeout(240_000);
      await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
      const before = (await page.evaluate(memory)) as number;
      await page.evaluate(drop, count);
      // Handing 20,000 files over is the browser's own work; what comes then is the page's.
      const longest = await kindred.longestTask(page, () =>
        page.getByRole('button', { name: 'Learn from these images' }).waitFor(),
      );
      const after = (await page.evaluate(memory)) as number;
      const perImage = (after - before) / count;
      console.log(
        `     ${(after / 2 ** 20).toFixed(0)} MB, ${perImage.toFixed(0)} bytes an image, longest task ${longest.toFixed(0)} ms`,
      );
      await page.reload();
      await page.getByRole('button', { name: 'Learn from these images' }).waitFor();
      const later = (await page.evaluate(memory)) as number;
      console.log(`     ${(later / 2 ** 20).toFixed(0)} MB after a reload`);
      assert.ok(perImage < 3 * 32 * 32, `${perImage} bytes an image`);
      assert.ok(longest < 100, `a task of ${longest} ms`);
      assert.equal(kindred.problems, []);
    } finally {
      await kindred.close();
    }
  },
);

test.run();
