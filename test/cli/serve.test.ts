import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertRefused, inFolder, startKindred } from './support.ts';

/** Starts the command and waits until it says where it is. */
async function serve(folder: string, port: string) {
  const running = startKindred(folder, ['serve', '--port', port]);
  let said = '';
  running.child.stdout!.on('data', (text) => {
    said += text;
  });
  while (!said.includes('\n')) await Promise.race([once(running.child.stdout!, 'data'), running.ended]);
  return { ...running, said, address: /http:\S+/.exec(said)![0] };
}

test('the page is served to this machine alone, under a strict policy, until Ctrl-C', async () => {
  await inFolder({}, async (folder) => {
    const { child, ended, said, address } = await serve(folder, '0');
    assert.match(said, /^kindred is at http:\/\/127\.0\.0\.1:\d+\/ /);
    const page = await fetch(address);
    assert.is(page.status, 200);
    assert.is(page.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.is(page.headers.get('x-content-type-options'), 'nosniff');
    assert.is(page.headers.get('cross-origin-opener-policy'), 'same-origin');
    assert.is(page.headers.get('cross-origin-embedder-policy'), 'require-corp');
    const policy = page.headers.get('content-security-policy')!;
    for (const part of ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "'sha256-"])
      assert.ok(policy.includes(part), policy);
    const scripts = policy.split(';').find((part) => part.includes('script-src'))!;
    assert.not.match(scripts, /unsafe-inline|'unsafe-eval'|https?:/);
    // The page says the same where another host serves it.
    const html = await page.text();
    assert.ok(html.includes(policy.replace(/; frame-ancestors 'none'$/, '')));
    for (const [path, type] of [
      ['page.js', 'text/javascript; charset=utf-8'],
      ['style.css', 'text/css; charset=utf-8'],
      ['icon.svg', 'image/svg+xml; charset=utf-8'],
      ['encoders/base/model.safetensors', 'application/octet-stream'],
    ]) {
      const { status, headers } = await fetch(`${address}${path}`, { method: 'HEAD' });
      assert.equal([status, headers.get('content-type')], [200, type], path);
    }
    for (const path of ['missing.js', '..%2f..%2fpackage.json', '%2e%2e/package.json', 'encoders'])
      assert.is((await fetch(`${address}${path}`)).status, 404, path);
    assert.is((await fetch(address, { method: 'POST' })).status, 405);

    const { port } = new URL(address);
    await assertRefused(folder, ['serve', '--port', port], [new RegExp(`port ${port} is taken.*--port`)], {
      device: false,
    });
    child.kill('SIGINT');
    assert.is((await ended).code, 0);
  });
});

test('a port that is none is refused', async () => {
  await inFolder({}, async (folder) => {
    await assertRefused(folder, ['serve', '--port', '70000'], [/--port.*70000/], { device: false });
    await assertRefused(folder, ['serve', '--port', 'http'], [/--port.*http/], { device: false });
  });
});

test.run();
