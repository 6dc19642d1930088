import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderComparison } from '../../src/label/compare/page.ts';
import { renderReport } from '../../src/label/report/page.ts';
import type { Report } from '../../src/label/report/report.ts';
import { nodeFiles } from '../../src/platform/node_files.ts';
import { withFiles } from '../data/temporary.ts';
import { makeComparison } from '../label/compare/comparison_fixture.ts';
import { madeThumbnail, makeReport } from '../label/report/report_fixture.ts';
import { testIf } from '../support.ts';
import { findChromium, openPage } from './chromium.ts';

const chromium = findChromium();
const built = fileURLToPath(new URL('../../browser', pathToFileURL(process.argv[1]!)));

/** In the page: the least contrast of a text with what it stands on, both painted to sRGB by a canvas. */
const leastContrast = `(() => {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = (colours) => {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const list of document.querySelectorAll('details')) list.open = true;
  let least = 21;
  for (const element of document.querySelectorAll('body *')) {
    const isText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!isText || element.matches('script, title') || element.closest('[hidden]')) continue;
    const style = getComputedStyle(element);
    const under = [];
    for (let at = element; at; at = at.parentElement) under.unshift(getComputedStyle(at).backgroundColor);
    const own = element.closest('svg') && style.fill !== 'none' ? style.fill : style.color;
    const [a, b] = [luminance(paint(under)), luminance(paint([...under, own]))];
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return least;
})()`;

testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  'the report runs under its own policy, fits a telephone, is legible in both schemes, shows the image under the pointer and gives home what is named',
  async () => {
    const made = makeReport({ images: 300, classes: ['cat', 'dog', 'owl'], perClass: 30 });
    const odd = made.gallery
      .flatMap(({ mostCertain }) => mostCertain)
      .slice(0, 5)
      .map((image) => ({ ...image, chance: 0.02 }));
    const share = { share: 0.13, interval: [0.02, 0.22], atLeast: 0.04 } as const;
    const predicted = { name: 'cat', observations: 5 };
    const report: Report = {
      ...made,
      unnamed: {
        share,
        automatic: share,
        withheld: true,
        unlike: odd,
        groups: [{ shown: odd, observations: 5, images: 5, predicted }],
        groupCount: 1,
      },
    };
    const html = await renderReport(report, {
      side: 32,
      thumbnail: (image) => madeThumbnail(image, 32),
      encodeJpeg: nodeFiles.encodeJpeg,
    });
    const { page, problems, close } = await openPage(chromium!, built);
    try {
      await withFiles({ 'report.html': html }, async (folder) => {
        const requests: string[] = [];
        page.on('request', (request) => requests.push(request.url().slice(0, 30)));
        await page.setViewportSize({ width: 400, height: 800 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await page.goto(pathToFileURL(join(folder, 'report.html')).href);
          assert.is(await page.evaluate('document.documentElement.scrollWidth'), 400);
          // WCAG 2.1, 1.4.3.
          const least = (await page.evaluate(leastContrast)) as number;
          assert.ok(least >= 4.5, `${colorScheme}: ${least}`);
        }
        await page.setViewportSize({ width: 1200, height: 900 });
        await page.locator('.map .given > *').first().hover({ force: true });
        const tip = page.locator('.map .tip');
        assert.ok(await tip.isVisible());
        const given = report.map.filter(({ status }) => status === 'given');
        const text = await tip.locator('p').textContent();
        assert.ok(given.some(({ path }) => text!.includes(path)));
        await page.locator('.newgroup [data-name="none of these"]').click();
        await page.locator('.newgroup li button').first().click();
        const [taken] = await Promise.all([page.waitForEvent('download'), page.locator('.naming a').click()]);
        const home = join(folder, 'named.csv');
        await taken.saveAs(home);
        const rows = odd.slice(1).map(({ path: own }) => `${own},none of these,proposed\r\n`);
        assert.is(readFileSync(home, 'utf8'), `path,label,origin\r\n${rows.join('')}`);
        const picture = (await page.evaluate(
          "getComputedStyle(document.querySelector('.tip .thumb')).backgroundImage",
        )) as string;
        assert.ok(picture.startsWith('url("data:image/jpeg;base64,'));
        await page.mouse.move(5, 5);
        assert.not(await tip.isVisible());
        assert.equal(
          requests.filter((address) => !/^(file|data):/.test(address)),
          [],
        );
        assert.equal(problems, []);
      });
    } finally {
      await close();
    }
  },
);

testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  'a comparison of encoders keeps to its own policy, fits a telephone and is legible in both schemes',
  async () => {
    const html = await renderComparison(makeComparison());
    const { page, problems, close } = await openPage(chromium!, built);
    try {
      await withFiles({ 'compare.html': html }, async (folder) => {
        const requests: string[] = [];
        page.on('request', (request) => requests.push(request.url().slice(0, 30)));
        await page.setViewportSize({ width: 400, height: 800 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await page.goto(pathToFileURL(join(folder, 'compare.html')).href);
          assert.is(await page.evaluate('document.documentElement.scrollWidth'), 400);
          const least = (await page.evaluate(leastContrast)) as number;
          assert.ok(least >= 4.5, `${colorScheme}: ${least}`);
        }
        assert.equal(
          requests.filter((address) => !/^(file|data):/.test(address)),
          [],
        );
        assert.equal(problems, []);
      });
    } finally {
      await close();
    }
  },
);

test.run();
