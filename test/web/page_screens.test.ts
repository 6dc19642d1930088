// Every screen with made-up figures: what axe finds, telephones, 20,000 images, and what goes wrong.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium } from '../browser/chromium.ts';
import { testIf } from '../support.ts';
import { assertAccessible, builtPage, madeUpStudio, type OpenKindred, openKindred } from './page_browser.ts';

const chromium = findChromium();
const missing = 'no chromium or google-chrome on PATH';

test('the page is under 1 MB gzipped, without encoders', () => {
  const files = readdirSync(builtPage, { withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.some(({ name }) => name === 'index.html'));
  const bytes = files.map(({ name }) => gzipSync(readFileSync(join(builtPage, name))).length);
  const total = bytes.reduce((sum, size) => sum + size, 0);
  assert.ok(total < 1_000_000, `${total} bytes`);
});

let kindred: OpenKindred;
test.before(async () => {
  if (chromium) kindred = await openKindred(chromium, await madeUpStudio());
});
test.after(() => kindred?.close());

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const choose = (page: Page, ...names: string[]) =>
  page
    .getByLabel('Image files')
    .setInputFiles(names.map((name) => ({ name, mimeType: 'image/png', buffer: Buffer.from('made up') })));

testIf(chromium, missing, 'every screen passes axe in both themes and fits a telephone', async () => {
  const page = await kindred.tab();
  await page.setViewportSize({ width: 390, height: 844 });
  await button(page, 'Try the demo').waitFor();
  await assertAccessible(page, 'start');
  await choose(page, 'a.png');
  await button(page, 'Learn from these images').waitFor();
  await page.getByText('1 file that cannot be read').click();
  await assertAccessible(page, 'images');
  await button(page, 'See what training compares').click();
  await page.locator('.pairs canvas[width="32"]').first().waitFor();
  await assertAccessible(page, 'augment');
  await button(page, 'Go on to training').click();
  await page.getByLabel('Train on these images').check();
  await page.getByLabel('Images a step').fill('7');
  await button(page, 'Begin').click();
  await button(page, 'Try again with 4 images a step').waitFor();
  await assertAccessible(page, 'a training that failed');
  await page.getByLabel('Images a step').fill('');
  await page.getByLabel('Passes over the images').fill('20');
  await button(page, 'Begin').click();
  await page.getByText(/Loss after epoch [3-9]/).waitFor();
  await assertAccessible(page, 'training');
  await button(page, 'Go on to labelling').click();
  await page.locator('kindred-labeller canvas').waitFor();
  for (const key of ['1', '2', '3', '0', ' ', '1', '2', '1']) await page.keyboard.press(key);
  await assertAccessible(page, 'next');
  for (const name of [/^Review/, /^By class/, /^Doubtful/, /^New classes/]) {
    await page.getByRole('tab', { name }).click();
    await page.getByRole('tabpanel').locator('canvas').first().waitFor();
    await assertAccessible(page, String(name));
  }
  await button(page, 'Take home').click();
  await button(page, 'Write the files').click();
  await page.getByText('3 given, 20 automatic').waitFor();
  await button(page, 'Save Labels').click();
  await page.getByText('Nothing was written that could be taken home.').waitFor();
  await assertAccessible(page, 'take home');
  await button(page, 'Start').click();
  await button(page, 'Continue').waitFor();
  await assertAccessible(page, 'a session to go on with');
  await page.close();
});

testIf(
  chromium,
  missing,
  'labelling works by keys alone, and what many images were given is taken back at once',
  async () => {
    const page = await kindred.tab();
    await choose(page, 'a.png');
    await button(page, 'Learn from these images').press('Enter');
    await button(page, 'Begin').press('Enter');
    await button(page, 'Go on to labelling').press('Enter');
    const labeller = page.locator('kindred-labeller');
    const shown = () =>
      labeller.evaluate((element) => (element as unknown as { current: { id: number } }).current.id);
    await labeller.locator('canvas').waitFor();
    assert.is(await shown(), 0);
    await page.keyboard.press('1');
    assert.is(await shown(), 1);
    await page.keyboard.press('u');
    await labeller.getByText('folder/image-00000.png').waitFor();
    await page.getByLabel('Another class').fill('square');
    await page.keyboard.press('Enter');
    await button(page, 'Rename square').waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    await page.keyboard.press('4');
    await labeller.getByRole('button', { name: /^square\s*1$/ }).waitFor();
    await page.getByRole('tab', { name: 'Next' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const answered = page.locator('.standing .answers strong');
    assert.is(await answered.textContent(), '1');
    await button(page, /^Accept \d+ as ring/).click();
    assert.not.equal(await answered.textContent(), '1');
    await page.getByRole('tab', { name: 'Next' }).click();
    await page.keyboard.press('u');
    await answered.filter({ hasText: /^1$/ }).waitFor();

    // Keys of one letter can be kept to the labeller (WCAG 2.1.4).
    const everywhere = page.getByLabel('Keys answer wherever the focus is');
    await everywhere.uncheck();
    await page.getByRole('tab', { name: 'Next' }).focus();
    const before = await shown();
    await page.keyboard.press('2');
    assert.is(await shown(), before);
    await labeller.focus();
    await page.keyboard.press('2');
    await answered.filter({ hasText: /^2$/ }).waitFor();
    await everywhere.check();
    await page.close();
  },
);

/** In the page: scrolls to the end in 40 leaps. Gives the most canvases that there were, and how far it came. */
const scrollThrough = `(async () => {
  const scroller = document.querySelector('.scroller');
  let elements = 0;
  for (let i = 0; i < 40; i++) {
    scroller.scrollTop = (scroller.scrollHeight / 40) * i;
    await new Promise((resolve) => setTimeout(resolve, 30));
    elements = Math.max(elements, scroller.querySelectorAll('canvas').length);
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  return [elements, scroller.scrollTop];
})()`;

testIf(
  chromium,
  missing,
  '20,000 thumbnails scroll without a long task, by few elements and blocks of pixels',
  async () => {
    const page = await kindred.tab();
    await choose(page, 'a.png', 'b.png');
    const grid = page.locator('.scroller');
    await grid.locator('canvas').first().waitFor();
    let [elements, scrolled] = [0, 0];
    const longest = await kindred.longestTask(page, async () => {
      [elements, scrolled] = (await page.evaluate(scrollThrough)) as [number, number];
    });
    assert.ok(scrolled > 50_000, `${scrolled}`);
    assert.ok(elements < 500, `${elements} canvases`);
    assert.ok(longest < 100, `a task of ${longest} ms`);
    await page.close();
  },
);

/** In the page: a folder is picked whose use the browser wants to be asked for; it is refused at first. */
const pickLapsed = `
  window.showDirectoryPicker = async () => {
    const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle('lapsed', { create: true });
    const answers = ['denied', 'granted'];
    return Object.assign(handle, { queryPermission: async () => 'prompt', requestPermission: async () => answers[window.asked++] });
  };
  window.asked = 0;`;

testIf(
  chromium,
  missing,
  'a folder whose use has to be allowed anew is used when Continue is pressed and the browser agrees',
  async () => {
    const page = await kindred.tab();
    await button(page, 'Choose a folder').waitFor();
    await page.evaluate(pickLapsed);
    await button(page, 'Choose a folder').click();
    await page.getByText('whether this page may use the folder lapsed').waitFor();
    await assertAccessible(page, 'a folder to be allowed');
    await button(page, 'Continue').click();
    await page.getByText('The browser does not let this page use lapsed').waitFor();
    await button(page, 'Choose a folder').click();
    await button(page, 'Continue').click();
    await button(page, 'Learn from these images').waitFor();
    assert.is(await button(page, 'Continue').count(), 0);
    await page.close();
  },
);

testIf(
  chromium,
  missing,
  'without WebGPU the page says what to use, and a session of another tab is only shown',
  async () => {
    const broken = await openKindred(
      chromium!,
      `globalThis.problem = 'This page has no WebGPU: use Chrome or Edge.';${await madeUpStudio()}`,
    );
    try {
      const page = await broken.tab();
      await page.getByText('use Chrome or Edge').waitFor();
      assert.is(await button(page, 'Choose a folder').count(), 0);
      await assertAccessible(page, 'no WebGPU');
    } finally {
      await broken.close();
    }
    const page = await kindred.tab();
    await button(page, 'Try the demo').click();
    await page.getByText('Another tab has this session open').waitFor();
    await page.getByRole('button', { name: '4 Train' }).or(button(page, 'Train')).first().click();
    assert.ok(await button(page, 'Begin').isDisabled());
    await page.close();
    assert.equal(kindred.problems, []);
  },
);

test.run();
