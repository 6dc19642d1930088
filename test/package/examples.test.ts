// Each example runs as a reader would run it, in a built checkout, at sizes of a few seconds.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readLabelsCsv } from '../../src/label/files/labels_csv.ts';
import { findChromium, openPage } from '../browser/chromium.ts';
import { testIf } from '../support.ts';
import { output, root } from './project.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-examples-'));
const example = (name: string, ...args: string[]) =>
  output(folder, process.execPath, [join(root, 'examples', `${name}.mjs`), ...args]);
const lossesIn = (text: string) =>
  [...text.matchAll(/loss (\S+)/g)].map(([, loss]) => Number.parseFloat(loss!));

test.after(() => rmSync(folder, { recursive: true, force: true }));

test('an example has fewer than 60 lines', () => {
  for (const name of readdirSync(join(root, 'examples'))) {
    const lines = readFileSync(join(root, 'examples', name), 'utf8')
      .trimEnd()
      .split('\n').length;
    assert.ok(lines < 60, `${name}: ${lines}`);
  }
});

const labelled = [0, 1, 2, 3, 4, 5, 6, 7];

/** Red and green images with noise: a random encoder tells them apart. */
function drawFolder(): void {
  mkdirSync(join(folder, 'photos'));
  for (let i = 0; i < 20; i++) {
    const png = new PNG({ width: 16, height: 16 });
    for (let at = 0; at < png.data.length; at += 4) {
      const noise = (at * 31 + i * 97) % 60;
      png.data.set(i % 2 === 0 ? [190 + noise, noise, 20, 255] : [20, 190 + noise, noise, 255], at);
    }
    writeFileSync(join(folder, 'photos', `${i}.png`), PNG.sync.write(png));
  }
  writeFileSync(
    join(folder, 'labels.csv'),
    `path,label\n${labelled.map((i) => `${i}.png,${i % 2 === 0 ? 'red' : 'green'}\n`).join('')}`,
  );
}

test('an encoder is trained on images without labels', () => {
  const losses = lossesIn(example('train_encoder', '20', 'encoder.safetensors'));
  // Of 62 other views of a batch each is as likely at first: ln 63 = 4.14.
  assert.is(losses.length, 2);
  assert.ok(
    losses.every((loss) => loss > 1 && loss < 4.6),
    `losses: ${losses}`,
  );
});

test('a folder of images is labelled by what a few of them were given', () => {
  drawFolder();
  const said = example('label_folder', 'photos', 'labels.csv', 'run', '2');
  assert.match(said, /data: .*20 images/);
  assert.match(said, /\* (?:base encoder|SimCLR) \+ probe/);
  const rows = readLabelsCsv(readFileSync(join(folder, 'run', 'labels.csv'), 'utf8'), 'labels.csv');
  assert.is(rows.length, 20);
  for (const { path, label, status } of rows) {
    assert.is(label, Number.parseInt(path, 10) % 2 === 0 ? 'red' : 'green', path);
    assert.is(status === 'given', labelled.includes(Number.parseInt(path, 10)), path);
  }
});

test("a loss of one's own falls", () => {
  const losses = lossesIn(example('custom_loss', '41'));
  assert.is(losses.length, 5);
  assert.ok(losses.at(-1)! < losses[0]! / 3, `losses: ${losses}`);
});

test("the gradient of an op of one's own is that of differences", () => {
  const [, off] = example('custom_op').match(/off by (\S+)/)!;
  // Float32 rounds each of a few operations by 6e-8; a gradient without x·σ' is off by 0.3.
  assert.ok(Number(off) < 2e-6, off);
});

const chromium = findChromium();
testIf(chromium, 'no chromium or google-chrome on PATH', 'a page trains with a plain module', async () => {
  const { page, problems, close } = await openPage(chromium!, root, '/examples/page.html');
  try {
    await page.waitForSelector('body[data-done]', { timeout: 60_000 });
    const losses = lossesIn((await page.textContent('#log'))!);
    assert.is(losses.length, 5);
    assert.ok(losses.at(-1)! < 0.4 && losses.at(-1)! < losses[0]!, `losses: ${losses}`);
    assert.equal(problems, []);
  } finally {
    await close();
  }
});

testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  "the labeller takes keys in a page of one's own, adds and renames classes, and takes answers back",
  async () => {
    const { page, problems, close } = await openPage(chromium!, root, '/examples/labeller.html');
    try {
      const labels = () => page.textContent('#labels');
      const labeller = page.locator('kindred-labeller');
      await labeller.getByText('drawing 1 of 12').waitFor();
      for (const key of ['2', '1', ' ', '0', '1', 'u']) await page.keyboard.press(key);
      assert.is(await labels(), 'path,label\ndrawing-0,square\ndrawing-1,disc\ndrawing-3,none of these');
      await labeller.getByText('drawing 5 of 12').waitFor();
      // A letter in the field is a letter, not a key.
      await page.getByLabel('Another class').fill('1 blue');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Rename 1 blue' }).focus();
      await page.keyboard.press('Enter');
      await page.getByLabel('New name for 1 blue').fill('blue');
      await page.keyboard.press('Enter');
      await page.keyboard.press('3');
      assert.match((await labels())!, /drawing-4,blue$/);
      // Only the second of two classes of the same name is refused.
      await page.getByLabel('Another class').fill('disc');
      await page.keyboard.press('Enter');
      await labeller.getByText('There is a class disc already.').waitFor();
      await page.keyboard.press('Escape');
      for (let i = 0; i < 7; i++) await page.keyboard.press('1');
      await page.getByText('That was all').waitFor();
      await page.keyboard.press('1');
      assert.is((await labels())!.split('\n').length, 12);
      await page.keyboard.press('Control+z');
      await labeller.getByText('drawing 12 of 12').waitFor();
      assert.equal(problems, []);
    } finally {
      await close();
    }
  },
);

test.run();
