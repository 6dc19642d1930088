import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { InTab } from './studio_tab.ts';
import { testIf } from '../support.ts';
import { findChromium } from './chromium.ts';
import { openProfile, type Profile } from './profile.ts';
import { studioTab } from './studio_tab.ts';

const chromium = findChromium();
const missing = 'no chromium or google-chrome on PATH';

let profile: Profile;
test.before(async () => {
  if (chromium) profile = await openProfile(chromium);
});
test.after(() => profile?.close());

testIf(chromium, missing, 'from the demo to a zip', async () => {
  const problems: string[] = [];
  const tab = await studioTab(profile, problems);
  console.log(await tab.run(({ facts }) => facts));
  let t = performance.now();
  const lap = (what: string) => {
    console.log(what, Math.round(performance.now() - t));
    t = performance.now();
  };
  const state = await tab.run(({ studio }) => studio.collect({ kind: 'demo', images: 60 }));
  lap('collect');
  console.log(await tab.run(({ studio }) => studio.train({ method: 'base' })));
  lap('base');
  const kinds = await tab.run(({ events }) => events.map(({ kind }) => kind));
  console.log(kinds.join(' '), state.classes, problems);
});

test.run();
