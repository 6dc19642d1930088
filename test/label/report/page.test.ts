import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderReport } from '../../../src/label/report/page.ts';
import type { Report } from '../../../src/label/report/report.ts';
import { reportJson } from '../../../src/label/report/stable_json.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { Random } from '../../../src/random.ts';
import { madeThumbnail, makeReport } from './report_fixture.ts';

const side = 32;
const render = (report: Report) =>
  renderReport(report, {
    side,
    thumbnail: (image) => madeThumbnail(image, side),
    encodeJpeg: nodeFiles.encodeJpeg,
  });
const small = makeReport({ images: 400, classes: ['cat', 'dog', 'owl'], perClass: 40 });
const page = await render(small);
const parse = (html: string): Document => parseHTML(html).document;
const document = parse(page);
const textOf = (element: Element | null) => element?.textContent?.replace(/\s+/g, ' ').trim();

test('the page holds the twelve parts in their order, each headed and reachable from the navigation', () => {
  const sections = [...document.querySelectorAll('main > section[id]')];
  assert.equal(
    sections.map(({ id }) => id),
    [
      'data',
      'classes',
      'methods',
      'errors',
      'calibration',
      'threshold',
      'training',
      'map',
      'gallery',
      'unlike',
      'next',
      'provenance',
    ],
  );
  sections.forEach((section, at) => {
    const heading = section.querySelector('h2')!;
    assert.ok(textOf(heading)!.startsWith(`${at + 1} `));
    assert.is(section.getAttribute('aria-labelledby'), heading.id);
    assert.ok(document.querySelector(`nav a[href="#${section.id}"]`));
  });
});

test('headings never skip a level, tables have a caption and scoped headings, plots a label', () => {
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1]));
  assert.is(levels[0], 1);
  levels.forEach((level, at) => {
    assert.ok(at === 0 || level <= levels[at - 1]! + 1, `${levels[at - 1]} is followed by ${level}`);
  });
  const tables = [...document.querySelectorAll('table')];
  assert.ok(tables.length >= 8);
  for (const table of tables) {
    assert.ok(textOf(table.querySelector('caption')));
    for (const heading of table.querySelectorAll('th'))
      assert.ok(['col', 'row'].includes(heading.getAttribute('scope')!));
  }
  const plots = [...document.querySelectorAll('figure svg.plot')];
  assert.is(plots.length, 9);
  for (const plot of plots) {
    assert.is(plot.getAttribute('role'), 'img');
    assert.ok(plot.getAttribute('aria-label')!.length > 20);
  }
});

test('the summary says the counts, the promise and what hidden truth says of it', () => {
  const summary = textOf(document.querySelector('main > section'))!;
  const { counts, riskCoverage, hiddenTruth } = small;
  assert.ok(riskCoverage!.chosen, 'the fixture reaches its target');
  assert.match(summary, `${counts.auto} labelled automatically`);
  assert.match(summary, 'with 95% confidence at most 5% of them are wrong');
  assert.match(summary, `${counts.review} wait for review`);
  assert.match(summary, `${counts.given} given`);
  const { accuracy, count } = hiddenTruth!.auto!;
  assert.match(summary, `${(100 * (1 - accuracy)).toFixed(1)}% of ${count} automatic labels are wrong`);
});

test('the page fetches nothing: no address but fragments and embedded data, and a policy that forbids the rest', async () => {
  for (const element of document.querySelectorAll('[src], [href]')) {
    assert.match(element.getAttribute('href') ?? element.getAttribute('src')!, /^#/);
  }
  assert.is(document.querySelectorAll('link, iframe, object, embed, img, form').length, 0);
  for (const [, address] of page.matchAll(/url\(([^)]{0,30})/g)) assert.match(address!, /^data:image\/jpeg/);
  assert.not.match(page.replaceAll('http://www.w3.org/', ''), /https?:\/\/|@import/);
  const policy = document
    .querySelector('meta[http-equiv="Content-Security-Policy"]')!
    .getAttribute('content')!;
  assert.match(policy, /^default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-/);
  const script = document.querySelectorAll('script');
  assert.is(script.length, 1);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(script[0]!.textContent!));
  assert.match(policy, btoa(String.fromCharCode(...new Uint8Array(digest))));
});

test('the same report gives the same bytes', async () => {
  const again = makeReport({ images: 400, classes: ['cat', 'dog', 'owl'], perClass: 40 });
  assert.is(await render(again), page);
});

test('a name never becomes markup, moves the text around it or loses what it says', async () => {
  const names = [
    '<script>alert(1)</script>',
    `" onmouseover="alert(1)" '`,
    'עברית \u202e fdp.exe',
    'a\nb\u0000c',
    `${'x'.repeat(299)}<`,
    '&lt;b&gt;',
  ];
  const hostile = makeReport({
    images: 240,
    classes: names,
    perClass: 20,
    noise: 1.5,
    path: (image) => `${names[image % names.length]}/${image}`,
  });
  const command = ['kindred', '</code><script>', "it's"];
  const rendered = await render({
    ...hostile,
    title: names[0]!,
    warnings: names,
    provenance: { ...hostile.provenance, command, adapter: names[1]! },
  });
  const found = parse(rendered);
  assert.is(found.querySelectorAll('script').length, 1);
  const attributes = new Set(
    [...found.querySelectorAll('*')].flatMap((element) => element.getAttributeNames()),
  );
  assert.equal(
    [...attributes].filter((name) => /^on|["'<>]/.test(name)),
    [],
  );
  const rows = [...found.querySelectorAll('#classes tbody th')];
  assert.is(rows[0]!.textContent, names[0]);
  assert.is(rows[1]!.textContent, names[1]);
  assert.is(rows[2]!.querySelector('bdi')!.textContent, names[2]);
  assert.is(rows[3]!.textContent, 'a␊b␀c');
  assert.is(rows[4]!.textContent, `${'x'.repeat(21)}…${'x'.repeat(9)}<`);
  assert.match(rows[4]!.querySelector('bdi')!.getAttribute('title')!, 'x'.repeat(150));
  assert.is(rows[5]!.textContent, names[5]);
  assert.match(found.querySelector('#provenance code')!.textContent!, `'</code><script>' 'it'\\''s'`);
  const tips = [...found.querySelectorAll('#map title')].map(({ textContent }) => textContent!);
  assert.is(tips.length, hostile.map.length);
  assert.ok(tips.some((tip) => tip.includes('\u2068<script>alert(1)</script>\u2069')));
});

test('up to 30 classes the whole confusion matrix stands there, above that the worst pairs, worst first', async () => {
  const scores = small.outOfFold!;
  const cells = [...document.querySelectorAll('#errors .matrix tbody tr')].map((row) =>
    [...row.querySelectorAll('td')].map(({ textContent }) => Number(textContent)),
  );
  assert.equal(cells.slice(0, 3), scores.confusion);

  const many = makeReport({
    images: 1000,
    classes: Array.from({ length: 31 }, (_, at) => `class ${at}`),
    perClass: 20,
    noise: 1.5,
  });
  const found = parse(await render(many));
  assert.is(found.querySelector('.matrix'), null);
  const table = [...found.querySelectorAll('#errors table')].find((each) =>
    textOf(each.querySelector('caption'))!.startsWith('Classes confused'),
  )!;
  const [truth, predicted, count] = [...table.querySelectorAll('tbody tr')].map((row) =>
    [...row.children].map(textOf),
  )[0]!;
  const most = Math.max(
    ...many.outOfFold!.confusion.flatMap((row, own) => row.filter((_, other) => other !== own)),
  );
  assert.is(Number(count), most);
  const index = (name: string) => many.classes.findIndex((each) => each.name === name);
  assert.is(many.outOfFold!.confusion[index(truth!)]![index(predicted!)], most);
});

test('what could not be measured is said in words instead of drawn', async () => {
  const bare = await render({
    ...small,
    comparison: {
      heldOutFrom: null,
      folds: 0,
      rows: [{ ...small.comparison.rows[2]!, outOfFold: null, heldOut: null, advantage: null }],
    },
    outOfFold: null,
    calibration: null,
    riskCoverage: null,
    hiddenTruth: null,
    training: null,
    map: [],
    gallery: [],
    suspects: [],
    queue: [],
    next: [],
  });
  const found = parse(bare);
  const said = (id: string, words: string) => assert.match(textOf(found.querySelector(`#${id}`))!, words);
  said('methods', 'too few labels for folds');
  said('errors', 'too few given labels');
  said('calibration', 'only an order, not a chance');
  said('threshold', 'nothing was labelled automatically');
  said('training', 'nothing was trained');
  said('map', 'too few images');
  assert.is(found.querySelectorAll('figure').length, 0);
  for (const text of [bare, page])
    assert.not.match(text.replace(/<script>[\s\S]*<\/script>/, ''), /undefined|NaN|\[object/);
});

test('100,000 images of 200 classes with the longest names and noise for pictures stay under 10 MB', async () => {
  const name = (at: number) => `${at}${'"'.repeat(300)}`;
  const report = makeReport({
    images: 1600,
    classes: Array.from({ length: 200 }, (_, at) => name(at)),
    perClass: 5,
    noise: 1.5,
    epochs: 1000,
    path: name,
  });
  // Every list longer than what is shown, and no image twice: more pictures than any set gives.
  let images = 0;
  const scaled = <T extends { readonly image: number }>(list: readonly T[]) =>
    list.map((each) => ({ ...each, image: images++ }));
  const stretched = <T>(list: readonly T[], length: number) =>
    Array.from({ length }, (_, at) => list[at % list.length]!);
  const large: Report = {
    ...report,
    audit: {
      ...report.audit,
      images: 100_000,
      unreadable: stretched(report.audit.unreadable, 30_000),
      unreadableCount: 30_000,
      duplicates: stretched(report.audit.duplicates, 10_000).map((group) => ({
        ...group,
        paths: stretched(group.paths, 50),
      })),
    },
    map: scaled(stretched(report.map, 5000)),
    queue: scaled(stretched(report.queue, 50_000)),
    suspects: scaled(stretched(report.suspects, 1000)),
    gallery: report.gallery.map(({ name, mostCertain, leastCertain }) => ({
      name,
      mostCertain: scaled(mostCertain),
      leastCertain: scaled(leastCertain),
    })),
  };
  const random = new Random(1);
  const noise = Uint8Array.from({ length: 64 * 64 * 6 }, () => random.word());
  const rendered = await renderReport(large, {
    side: 64,
    thumbnail: () => noise.subarray(random.integer(64 * 64 * 3)).subarray(0, 64 * 64 * 3),
    encodeJpeg: nodeFiles.encodeJpeg,
  });
  const bytes = new TextEncoder().encode(rendered).length;
  console.log(`${(bytes / 1e6).toFixed(2)} MB`);
  assert.ok(bytes < 10e6, `${bytes} bytes`);
  assert.is(parse(rendered).querySelectorAll('main > section[id]').length, 12);
});

test('report.json says what the report says, in one order of keys', () => {
  const text = reportJson(small);
  assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(small)));
  const turned = Object.fromEntries(Object.entries(small).reverse()) as unknown as Report;
  assert.is(reportJson(turned), text);
  assert.ok(text.startsWith('{\n  "audit": {\n    "conflictCount"'));
});

test.run();
