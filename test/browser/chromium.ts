import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, extname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** The first Chromium or Chrome on PATH. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What Chromium is started with. */
export const flags = [
  '--enable-unsafe-webgpu',
  // A software adapter, on any machine; `requestAdapter` finds none without this.
  '--use-webgpu-adapter=swiftshader',
  // Its sandbox needs rights that a container's root lacks; the page is ours.
  '--no-sandbox',
  '--headless',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page in headless Chromium, from 127.0.0.1, where WebGPU counts it as secure. */
export interface OpenPage {
  readonly page: Page;
  /** What the page printed as an error or threw. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/**
 * @param folder whose files the page can import by their paths in it
 * @param path of the page in that folder; `/` is an empty one
 */
export async function openPage(executablePath: string, folder: string, path = '/'): Promise<OpenPage> {
  const server = await serve(folder);
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    server.closeAllConnections();
    server.close();
  };
  try {
    browser = await chromium.launch({ executablePath, args: flags });
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
    return { page, problems, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.mjs': 'text/javascript' };
const emptyPage = '<!doctype html><title>kindred</title><link rel="icon" href="data:,">';

/** Serves a folder's files from 127.0.0.1. */
export async function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    // A URL's path has no `..` left.
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const body = pathname === '/' ? emptyPage : contentOf(join(folder, decodeURIComponent(pathname)));
    const type = pathname === '/' ? 'text/html' : (types[extname(pathname)] ?? 'text/plain');
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function contentOf(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
