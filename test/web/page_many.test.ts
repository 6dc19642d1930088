// A real folder of thousands of images that is dropped on the page, with the real workers: what page and workers take of
// memory, and whether the page stays awake. KINDRED_MANY_IMAGES=20000 takes so many, for a minute and a half.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium } from '../browser/chromium.ts';
import { testIf } from '../support.ts';
import { type OpenKindred, openKindred } from './page_browser.ts';

const chromium = findChromium();
const count = Number(process.env.KINDRED_MANY_IMAGES ?? 8000);
const countInWords = count.toLocaleString('en');
const side = 16;
/** What a listed image may take: its path, label and digests, here and there, not its pixels, let alone its file. */
const bytesAnImage = 1000;
/**
 * Milliseconds by the clock that a person takes for a freeze. Other programs of a machine move it; the processor time of
 * single tasks is held to less by page_train and page_screens.
 */
const frozen = 400;

/** A PNG file (PNG 3, 11.2) of bands that no other number has. */
function pngOf(number: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8);
  const rows = Buffer.alloc(side * (1 + 3 * side));
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      rows.set(
        [number & 255, number >> 8, 255 * (((x * y) >> (number % 5)) % 2)],
        y * (1 + 3 * side) + 1 + 3 * x,
      );
  const chunk = (name: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const made = Buffer.alloc(body.length + 8);
    made.writeUInt32BE(data.length, 0);
    made.set(body, 4);
    made.writeUInt32BE(crc32(body), 4 + body.length);
    return made;
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = deflateSync(rows, { level: 1 });
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Bytes of the page's own memory, and of its workers'. */
interface Memory {
  readonly page: number;
  readonly workers: number;
}

const inMegabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

async function memoryOf(page: Page): Promise<Memory> {
  const [own, workers] =
    (await page.evaluate(`performance.measureUserAgentSpecificMemory().then(({ breakdown }) => {
    const inWorker = ({ attribution }) => attribution.some(({ scope }) => scope !== 'Window');
    const sum = (parts) => parts.reduce((all, { bytes }) => all + bytes, 0);
    return [sum(breakdown.filter((part) => !inWorker(part))), sum(breakdown.filter(inWorker))];
  })`)) as [number, number];
  return { page: own, workers };
}

testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  `${countInWords} images in folders that are dropped take no memory but that of their names, and keep the page awake`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kindred-many-'));
    let kindred: OpenKindred | undefined;
    try {
      for (let i = 0; i < count; i++) {
        const inside = join(folder, `part ${Math.floor(i / 1000)}`, 'images');
        if (i % 1000 === 0) mkdirSync(inside, { recursive: true });
        writeFileSync(join(inside, `${i}.png`), pngOf(i));
      }
      kindred = await openKindred(chromium!);
      const page = await kindred.tab();
      await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
      await page.evaluate(`
        window.longest = 0;
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
        }).observe({ type: 'longtask' });`);
      const before = await memoryOf(page);
      const start = performance.now();
      await dropFolder(page, folder);
      const ready = page.getByRole('button', { name: 'Learn from these images' });
      const during: { readonly done: number; readonly memory: Memory }[] = [];
      while (!(await ready.isVisible())) {
        const said = await page.locator('main').innerText();
        const done = Number(
          new RegExp(`([\\d,]+) of ${countInWords}`).exec(said)?.[1]?.replace(',', '') ?? 0,
        );
        if (7 * (done - (during.at(-1)?.done ?? 0)) >= count)
          during.push({ done, memory: await memoryOf(page) });
        else await page.waitForTimeout(100);
      }
      const seconds = (performance.now() - start) / 1000;
      const after = await memoryOf(page);
      console.log(`     ${Math.round(count / seconds)} images a second; megabytes of page and workers:`);
      for (const { done, memory } of [{ done: 0, memory: before }, ...during, { done: count, memory: after }])
        console.log(`     ${done} read: ${inMegabytes(memory.page)}, ${inMegabytes(memory.workers)}`);
      assert.ok(during.length > 2, `measured ${during.length} times`);
      const [first, last] = [during[0]!, during.at(-1)!];
      const grown =
        (last.memory.page + last.memory.workers - first.memory.page - first.memory.workers) /
        (last.done - first.done);
      assert.ok(grown < bytesAnImage, `${grown} bytes with each image while they are read`);
      const kept = (after.page + after.workers - before.page - before.workers) / count;
      assert.ok(kept < bytesAnImage, `${kept} bytes an image when they are read`);
      const longest = (await page.evaluate('window.longest')) as number;
      assert.ok(longest < frozen, `a task of ${longest} ms`);

      await page.reload();
      await ready.waitFor();
      const later = await memoryOf(page);
      assert.ok(later.page + later.workers < 1.2 * (after.page + after.workers), 'no more behind a reload');
      assert.equal(kindred.problems, []);
    } finally {
      await kindred?.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

/** Drops a real folder where a person would. */
async function dropFolder(page: Page, folder: string): Promise<void> {
  const { x, y, width, height } = (await page.locator('.drop').boundingBox())!;
  const devtools = await page.context().newCDPSession(page);
  const place = { x: x + width / 2, y: y + height / 2 };
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, ...place, data });
  await devtools.detach();
}

test.run();
