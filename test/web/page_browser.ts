import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { serveFolder } from '../../src/platform/node_serve.ts';
import { flags } from '../browser/chromium.ts';
import { projectRoot } from '../support.ts';

/** The built page: a test of this folder is built to <build>/test/web/<name>.test.mjs. */
export const builtPage = fileURLToPath(new URL('../../web', pathToFileURL(process.argv[1]!)));

/** Memory is measured when it is asked for, and not with the next collection of garbage, which is half a minute away. */
const measureAtOnce = '--enable-blink-features=ForceEagerMeasureMemory';

/** kindred's page in a browser, served as `kindred serve` does. */
export interface OpenKindred {
  readonly context: BrowserContext;
  readonly address: string;
  /** What any tab printed as an error or threw; what its policy refused is among it. */
  readonly problems: string[];
  /** Another tab with the page. @param place what stands behind the address */
  tab(place?: string): Promise<Page>;
  /**
   * The longest task of a tab's main thread while something goes on, in milliseconds of the processor: on a machine that
   * is busy with a software adapter the clock counts how long others had it.
   */
  longestTask(page: Page, goesOn: () => Promise<void>): Promise<number>;
  close(): Promise<void>;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/**
 * @param worker a script to take in place of the studio's worker
 * @param hub whether the page may reach the hub
 */
export async function openKindred(
  executablePath: string,
  worker?: string,
  hub = false,
): Promise<OpenKindred> {
  const server = await serveFolder(builtPage, 0, hub);
  const browser = await chromium
    .launch({ executablePath, args: [...flags, measureAtOnce] })
    .catch(async (error) => {
      await server.close();
      throw error;
    });
  const context = await browser.newContext({ acceptDownloads: true });
  const problems: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  context.on('weberror', (error) => problems.push(error.error().message));
  if (worker !== undefined) {
    const headers = { 'cross-origin-embedder-policy': 'require-corp' };
    await context.route('**/studio_worker.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', headers, body: worker }),
    );
  }
  return {
    context,
    address: server.address,
    problems,
    async tab(place = '') {
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(`${server.address}${place}`);
      return page;
    },
    async longestTask(page, goesOn) {
      await browser.startTracing(page, { categories: ['toplevel'] });
      await goesOn();
      const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
        traceEvents: TraceEvent[];
      };
      const isMain = ({ name, args }: TraceEvent) => name === 'thread_name' && args.name === 'CrRendererMain';
      const main = new Set(traceEvents.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`));
      const tasks = traceEvents.filter(
        ({ name, ph, pid, tid }) => name.endsWith('RunTask') && ph === 'X' && main.has(`${pid} ${tid}`),
      );
      assert.ok(tasks.length > 10, 'the trace has the main thread');
      return Math.max(...tasks.map(({ tdur = Number.NaN }) => tdur / 1000));
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** The made-up studio as a script. */
export async function madeUpStudio(): Promise<string> {
  const entryPoints = [join(projectRoot, 'test/web/made_up_studio.ts')];
  const { outputFiles } = await esbuild.build({ entryPoints, bundle: true, format: 'esm', write: false });
  return outputFiles[0]!.text;
}

const axe = () =>
  readFileSync(createRequire(join(projectRoot, 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Asserts that axe finds nothing serious on what a tab shows, in light and in dark, and that nothing sticks out sideways. */
export async function assertAccessible(page: Page, screen: string): Promise<void> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe());
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Only colours differ between the themes.
    const rules = colorScheme === 'light' ? '' : "runOnly: ['color-contrast'], ";
    const found = (await page.evaluate(
      `axe.run(document, { ${rules}resultTypes: ['violations'] }).then(({ violations }) => violations)`,
    )) as readonly Finding[];
    const serious = found
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}\n${nodes[0]!.failureSummary}`);
    assert.equal(serious, [], `${screen}, ${colorScheme}`);
  }
  const widths = await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  const [wide, seen] = widths as [number, number];
  assert.ok(wide <= seen, `${screen}: ${wide} pixels on ${seen}`);
}
