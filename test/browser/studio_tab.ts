import type { Page } from 'playwright-core';
import type { Studio, StudioEvent, StudioFacts } from '../../src/web/studio/studio.ts';
import type { Profile } from './profile.ts';

/** What code in a tab works with. */
export interface InTab {
  readonly studio: Studio;
  readonly events: StudioEvent[];
  readonly facts: StudioFacts;
  /** The first event from now on, or of those there are, that fits. */
  readonly until: (fits: (event: StudioEvent) => boolean) => Promise<StudioEvent>;
}

/** A tab with a studio. */
export interface StudioTab {
  readonly page: Page;
  /** Runs code in the tab. The code refers to nothing but its arguments: its text runs there. */
  run<T, A = undefined>(code: (tab: InTab, argument: A) => T | Promise<T>, argument?: A): Promise<T>;
}

/** Opens a tab and starts a studio in it. */
export async function studioTab({ context, origin }: Profile, problems: string[] = []): Promise<StudioTab> {
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${origin}/`);
  await page.evaluate(start, `${origin}/studio.mjs`);
  return {
    page,
    run: (code, argument) =>
      page.evaluate(`(${code})(window.tab, ${JSON.stringify(argument) ?? 'undefined'})`) as never,
  };
}

async function start(library: string): Promise<void> {
  const { connectStudio } = await import(library);
  const { studio } = connectStudio();
  const events: StudioEvent[] = [];
  let heard = () => {};
  const facts = await studio.start((event: StudioEvent) => {
    events.push(event);
    heard();
  });
  const until = async (fits: (event: StudioEvent) => boolean) => {
    for (;;) {
      const found = events.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  Object.assign(window, { tab: { studio, events, facts, until } });
}
