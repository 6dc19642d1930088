// An encoder of the hub in the page: offered where the page is served so, fetched by a click, kept in private storage.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium } from '../browser/chromium.ts';
import { stripedImages } from '../cli/support.ts';
import { weightsFile } from '../encoder/weights_fixture.ts';
import { loopbackHub } from '../platform/hub/loopback_hub.ts';
import { testIf } from '../support.ts';
import { openKindred } from './page_browser.ts';

const chromium = findChromium();
const commit = '1'.repeat(40);
const pretrained_cfg = { input_size: [3, 16, 16], crop_pct: 1, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] };
const files = {
  'model.safetensors': weightsFile({ depth: 18, width: 4, stem: 'cifar' }),
  'config.json': JSON.stringify({ architecture: 'resnet18', pretrained_cfg }),
};

/** In the page: drops images. */
function drop(pictures: readonly { path: string; png: string }[]): void {
  const transfer = new DataTransfer();
  for (const { path, png } of pictures) {
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], path, { type: 'image/png' }));
  }
  const zone = document.querySelector('.drop')!;
  zone.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}

const pictures = Object.entries(stripedImages('i', 6)).map(([path, png]) => ({
  path: path.replaceAll('/', '-'),
  png: Buffer.from(png).toString('base64'),
}));

testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  'a page takes an encoder of the hub by a click',
  async () => {
    const server = await loopbackHub({
      'timm/resnet18.a1_in1k': { commits: { [commit]: files }, branches: { main: commit } },
    });
    const kindred = await openKindred(chromium!, undefined, true);
    // The hub's own name leads to the one on loopback, which sends nobody on.
    await kindred.context.route('https://huggingface.co/**', async (route) => {
      const { pathname, search } = new URL(route.request().url());
      const answer = await fetch(`${server.endpoint}${pathname}${search}`);
      const headers = {
        'access-control-allow-origin': '*',
        'content-type': answer.headers.get('content-type')!,
      };
      await route.fulfill({ status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) });
    });
    try {
      const page = await kindred.tab();
      const button = (name: string) => page.getByRole('button', { name });
      await button('Choose a folder').waitFor();
      await page.evaluate(drop, pictures);
      await button('Learn from these images').click();
      await page.getByRole('radio', { name: /^One of the hub/ }).check();
      await page.locator('.methods select').selectOption('resnet18');
      assert.equal(server.asked, []);
      await button('Begin').click();
      await button('Go on to labelling').waitFor();
      await page.getByText('Every image has features of the encoder resnet18').waitFor();
      const asked = server.asked.length;
      assert.ok(asked >= 4);
      // It is there now.
      await button('Learn anew').click();
      await button('Pause').waitFor({ state: 'detached' });
      await page.getByText('Every image has features of the encoder resnet18').waitFor();
      assert.is(server.asked.length, asked);
      assert.equal(kindred.problems, []);
    } finally {
      await kindred.close();
      await server.close();
    }
  },
);

testIf(
  chromium,
  'no chromium or google-chrome on PATH',
  'a page that may not reach the hub offers none',
  async () => {
    const kindred = await openKindred(chromium!);
    try {
      const page = await kindred.tab();
      await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
      await page.evaluate(drop, pictures);
      await page.getByRole('button', { name: 'Learn from these images' }).click();
      await page.getByRole('radio', { name: /^An encoder of yours/ }).waitFor();
      assert.is(await page.getByRole('radio', { name: /^One of the hub/ }).count(), 0);
    } finally {
      await kindred.close();
    }
  },
);

test.run();
