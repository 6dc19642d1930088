import { request } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import { serveFolder } from '../../src/platform/node_serve.ts';
import { withFiles } from '../data/temporary.ts';

const page =
  '<!doctype html><meta\n  http-equiv="Content-Security-Policy"\n  content="default-src \'none\'"\n>';

/** The status of a request that names the server as `host`; fetch sets the header itself. */
const statusFor = (address: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request(address, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });

test('only requests to this machine by its own names are answered', async () => {
  await withFiles({ 'index.html': page }, async (folder) => {
    const server = await serveFolder(folder, 0);
    try {
      const { port } = new URL(server.address);
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'localhost:9000', `[::1]:${port}`])
        assert.is(await statusFor(server.address, host), 200, host);
      for (const host of ['example.org', `example.org:${port}`, `127.0.0.1.example.org:${port}`])
        assert.is(await statusFor(server.address, host), 421, host);
      const { headers } = await fetch(server.address);
      assert.is(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'");
    } finally {
      await server.close();
    }
  });
});

test('a page may reach the hub only where whoever serves it says so, by its header and its own element', async () => {
  const policy = "default-src 'none'; connect-src 'self'; img-src 'self'";
  const html = page.replace("default-src 'none'", policy);
  await withFiles({ 'index.html': html, 'other.html': html }, async (folder) => {
    for (const hub of [false, true]) {
      const server = await serveFolder(folder, 0, hub);
      try {
        const response = await fetch(server.address);
        const text = await response.text();
        const told = response.headers.get('content-security-policy')!;
        const connect = /connect-src ([^;]*);/;
        const hosts = hub
          ? "'self' https://huggingface.co https://*.huggingface.co https://*.hf.co"
          : "'self'";
        assert.is(connect.exec(told)![1], hosts);
        assert.is(connect.exec(text)![1], hosts);
        assert.is(await (await fetch(`${server.address}other.html`)).text(), html);
      } finally {
        await server.close();
      }
    }
  });
});

test('a folder without a page is refused', async () => {
  await withFiles({ 'index.html': '<!doctype html>' }, async (folder) => {
    const refused = await serveFolder(folder, 0).catch((error) => error);
    assert.instance(refused, UserError);
    assert.match(refused.message, /is not kindred's page/);
  });
});

test.run();
