// The whole way in the page with real images, the real worker and a software adapter: from a drop to labels.csv.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { streamDemo } from '../../src/data/demo/demo.ts';
import { streamCifar10 } from '../../src/data/sources/cifar.ts';
import { readLabelsCsv } from '../../src/label/files/labels_csv.ts';
import { nodeFiles } from '../../src/platform/node_files.ts';
import type { LabellerImage } from '../../src/web/labeller/labeller_api.ts';
import { findChromium } from '../browser/chromium.ts';
import { sharedData, testIf } from '../support.ts';
import { openKindred } from './page_browser.ts';

const chromium = findChromium();
const count = 240;
const classes = ['one kind', 'another'] as const;
const answersBefore = 6;
const answersAfter = 8;

interface Picture {
  readonly path: string;
  readonly label: (typeof classes)[number];
  readonly png: string;
}

/** Images of two classes as PNG files: photos of CIFAR-10 where they are at hand, else the demo's. */
async function drawPictures(): Promise<readonly Picture[]> {
  const side = 32;
  const stream = sharedData
    ? await streamCifar10(join(sharedData, 'cifar10'), { files: nodeFiles, limit: 1500, testLimit: 0 })
    : streamDemo({ files: nodeFiles, limit: 1500, testLimit: 0 });
  const chosen = [...stream.paths.keys()].filter((i) => stream.labels[i]! < 2).slice(0, count);
  const pixels = new Uint8Array(3 * side * side * chosen.length);
  await stream.read(Int32Array.from(chosen), pixels);
  return chosen.map((image, at) => {
    const png = new PNG({ width: side, height: side });
    for (let pixel = 0; pixel < side * side; pixel++) {
      const from = 3 * (at * side * side + pixel);
      png.data.set([...pixels.subarray(from, from + 3), 255], 4 * pixel);
    }
    const path = `image-${String(at).padStart(3, '0')}.png`;
    return { path, label: classes[stream.labels[image]!]!, png: PNG.sync.write(png).toString('base64') };
  });
}

/** In the page: drops files, one of which is no image, and gives the milliseconds until the first picture is seen. */
async function drop(pictures: readonly { path: string; png: string }[]): Promise<number> {
  const transfer = new DataTransfer();
  for (const { path, png } of pictures) {
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], path, { type: 'image/png' }));
  }
  transfer.items.add(new File(['no image'], 'broken.png', { type: 'image/png' }));
  const start = performance.now();
  const zone = document.querySelector('.drop')!;
  zone.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  while (!document.querySelector('.first canvas, .scroller canvas'))
    await new Promise((resolve) => setTimeout(resolve, 5));
  return performance.now() - start;
}

type Labeller = HTMLElement & { readonly current: LabellerImage | undefined };
const currentName = (page: Page) =>
  page.locator('kindred-labeller').evaluate((element) => (element as Labeller).current?.name);

/** Answers by keys what is shown, one after the other. */
async function answer(page: Page, truth: ReadonlyMap<string, string>, answers: number): Promise<void> {
  await page.locator('kindred-labeller canvas').waitFor();
  for (let i = 0; i < answers; i++) {
    const name = (await currentName(page))!;
    await page.keyboard.press(truth.get(name) === classes[0] ? '1' : '2');
    for (let tries = 0; (await currentName(page)) === name; tries++) assert.ok(tries < 1000, name);
  }
}

const answered = (page: Page, number: number) =>
  page
    .locator('.standing .answers strong')
    .filter({ hasText: new RegExp(`^${number}$`) })
    .waitFor();

testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  'images that are dropped become labels.csv: the base encoder, answers by keys, a reload in the middle, a second tab, the report',
  async () => {
    const pictures = await drawPictures();
    const truth = new Map(pictures.map(({ path, label }) => [path, label]));
    const kindred = await openKindred(chromium!);
    const home = mkdtempSync(join(tmpdir(), 'kindred-page-'));
    try {
      const page = await kindred.tab();
      const button = (name: string) => page.getByRole('button', { name });
      await button('Choose a folder').waitFor();
      const first = await page.evaluate(
        drop,
        pictures.map(({ path, png }) => ({ path, png })),
      );
      assert.ok(first < 1000, `the first picture after ${first} ms`);
      await button('Learn from these images').click();
      const longest = await kindred.longestTask(page, async () => {
        await button('Begin').click();
        await button('Go on to labelling').click();
        await page.locator('kindred-labeller canvas').waitFor();
      });
      assert.ok(longest < 100, `a task of ${longest} ms`);

      for (const name of [...classes, '']) {
        const field = page.getByLabel(/Name of the first class|Another class/);
        await field.fill(name);
        await field.press('Enter');
        if (name) await button(`Rename ${name}`).waitFor({ state: 'attached' });
      }
      await answer(page, truth, answersBefore);
      await answered(page, answersBefore);
      await page.reload();
      await answered(page, answersBefore);
      const second = await kindred.tab(new URL(page.url()).hash);
      await second.getByText('Another tab has this session open').waitFor();
      await second.close();
      await answer(page, truth, answersAfter);
      await answered(page, answersBefore + answersAfter);

      await button('Take home').click();
      await button('Write the files').click();
      const [taken] = await Promise.all([page.waitForEvent('download'), button('Save Labels').click()]);
      await taken.saveAs(join(home, 'labels.csv'));
      const rows = readLabelsCsv(readFileSync(join(home, 'labels.csv'), 'utf8'), 'labels.csv');
      assert.equal(rows.map(({ path }) => path).sort(), [...truth.keys()].sort());
      const given = rows.filter(({ status }) => status === 'given');
      assert.is(given.length, answersBefore + answersAfter);
      for (const { path, label, confidence } of given)
        assert.equal([label, confidence], [truth.get(path), 1]);

      const [report] = await Promise.all([
        kindred.context.waitForEvent('page'),
        button('Look at it').click(),
      ]);
      await report.getByRole('heading', { name: 'Data' }).waitFor();
      // Its own script runs under the page's policy.
      assert.match((await report.locator('html').getAttribute('class')) ?? '', /scripting/);
      assert.equal(kindred.problems, []);
    } finally {
      await kindred.close();
      rmSync(home, { recursive: true, force: true });
    }
  },
);

test.run();
