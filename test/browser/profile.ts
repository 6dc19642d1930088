import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type * as library from '../../src/internal.ts';
import type { PageFiles } from '../../src/platform/platform.ts';
import { flags, serve } from './chromium.ts';

/** What code in a tab's worker is given. */
export interface InWorker {
  /** The tab's files, as the worker opened them. */
  readonly opened: PageFiles;
  readonly library: typeof library;
}

/** A tab with a dedicated worker that has opened the page's files. */
export interface Tab {
  readonly page: Page;
  /** Runs code in the tab's worker. The code refers to nothing but its arguments: its text runs there. */
  run<T, A>(code: (worker: InWorker, argument: A) => T | Promise<T>, argument: A): Promise<T>;
  /** Drops a real folder on the page and mounts it, as `place`. */
  drop(folder: string, place: string): Promise<void>;
}

/** A browser with a profile of its own on the disk, where private files are kept as for people; private windows keep them in memory. */
export interface Profile {
  readonly context: BrowserContext;
  readonly origin: string;
  /** @param before code that the worker runs before it opens the files */
  tab(before?: string): Promise<Tab>;
  close(): Promise<void>;
}

const built = fileURLToPath(new URL('../../browser', pathToFileURL(process.argv[1]!)));

/** Starts Chromium with an empty profile. */
export async function openProfile(executablePath: string): Promise<Profile> {
  const server = await serve(built);
  const folder = mkdtempSync(join(tmpdir(), 'kindred-profile-'));
  const context = await chromium.launchPersistentContext(folder, { executablePath, args: flags });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    context,
    origin,
    async tab(before = '') {
      const page = await context.newPage();
      await page.goto(`${origin}/`);
      await page.evaluate(startWorker, `${before};${workerCode(origin)}`);
      return {
        page,
        drop: async (path, place) => {
          await page.evaluate(takeDrops, place);
          const session = await context.newCDPSession(page);
          const data = { items: [], files: [path], dragOperationsMask: 1 };
          for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
            await session.send('Input.dispatchDragEvent', { type, x: 10, y: 10, data });
          await page.evaluate('window.mounted');
        },
        run: (code, argument) =>
          page.evaluate(runInWorker, [`(${code})`, argument] as [string, unknown]) as never,
      };
    },
    async close() {
      await context.close();
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The worker's own code: it evaluates what it is sent. */
const workerCode = (origin: string) => `
  const library = await import('${origin}/internal.mjs');
  const opened = await library.platform.pageStorage.open();
  onmessage = async ({ data: [code, argument, port] }) => {
    try {
      port.postMessage({ value: await eval(code)({ opened, library }, argument) });
    } catch (error) {
      port.postMessage({ problem: error.name + ': ' + error.message });
    }
  };
  postMessage('ready');`;

function startWorker(code: string): Promise<void> {
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const worker = new Worker(url, { type: 'module' });
  Object.assign(window, { worker });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => reject(new Error(event.message));
  });
}

async function runInWorker([code, argument]: [string, unknown]): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  const { worker } = window as unknown as { worker: Worker };
  const answer = await new Promise<{ value?: unknown; problem?: string }>((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage([code, argument, port2], [port2]);
  });
  port1.close();
  if (answer.problem !== undefined) throw new Error(answer.problem);
  return answer.value;
}

/** Hands the first folder that is dropped to the worker, which mounts it. */
function takeDrops(place: string): void {
  const page = window as unknown as { worker: Worker; mounted: Promise<void> };
  addEventListener('dragover', (event) => event.preventDefault());
  page.mounted = new Promise((resolve) => {
    addEventListener('drop', async (event) => {
      event.preventDefault();
      const item = event.dataTransfer!.items[0] as unknown as { getAsFileSystemHandle(): Promise<unknown> };
      const handle = await item.getAsFileSystemHandle();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve();
      const code = `({ opened }, handle) => opened.mount(${JSON.stringify(place)}, handle)`;
      page.worker.postMessage([code, handle, port2], [port2]);
    });
  });
}
