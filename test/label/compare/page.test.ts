import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { comparisonLines } from '../../../src/cli/comparison_table.ts';
import { renderComparison } from '../../../src/label/compare/page.ts';
import { makeComparison } from './comparison_fixture.ts';

const made = makeComparison();
const page = await renderComparison(made);
const parse = (html: string): Document => parseHTML(html).document;
const document = parse(page);
const textOf = (element: Element | null) => element?.textContent?.replace(/\s+/g, ' ').trim();

test('the page holds its parts in their order, each headed and reachable from the navigation', () => {
  const sections = [...document.querySelectorAll('main > section[id]')];
  assert.equal(
    sections.map(({ id }) => id),
    ['curves', 'figures', 'trainings', 'provenance'],
  );
  for (const section of sections) {
    assert.is(section.getAttribute('aria-labelledby'), section.querySelector('h2')!.id);
    assert.ok(document.querySelector(`nav a[href="#${section.id}"]`));
  }
  const levels = [...document.querySelectorAll('h1, h2, h3')].map(({ tagName }) => Number(tagName[1]));
  levels.forEach((level, at) => {
    assert.ok(at === 0 || level <= levels[at - 1]! + 1, `${levels[at - 1]} is followed by ${level}`);
  });
});

test('tables have a caption and scoped headings, plots and pictures a label', () => {
  for (const table of document.querySelectorAll('table')) {
    assert.ok(textOf(table.querySelector('caption')));
    for (const heading of table.querySelectorAll('th'))
      assert.ok(['col', 'row'].includes(heading.getAttribute('scope')!));
  }
  const drawn = [...document.querySelectorAll('figure svg.plot')];
  // Two panels, the legend, and the loss of three trainings.
  assert.is(drawn.length, 6);
  for (const element of drawn) {
    assert.is(element.getAttribute('role'), 'img');
    assert.ok(element.getAttribute('aria-label')!.length > 10);
  }
  const [picture, another] = [...document.querySelectorAll('img')];
  assert.match(picture!.getAttribute('alt')!, 'the images; what was seen');
  assert.is(another, undefined);
});

test('the page fetches nothing, runs nothing, and its policy forbids both', () => {
  for (const element of document.querySelectorAll('[src], [href]'))
    assert.match(
      element.getAttribute('href') ?? element.getAttribute('src')!,
      /^(?:#|data:image\/png;base64,)/,
    );
  assert.is(document.querySelectorAll('script, link, iframe, object, embed, form').length, 0);
  for (const [, address] of page.matchAll(/url\(([^)]{0,30})/g)) assert.match(address!, /^data:image\/png/);
  assert.not.match(page.replaceAll('http://www.w3.org/', ''), /https?:\/\/|@import/);
  const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')!;
  assert.is(policy.getAttribute('content'), "default-src 'none'; img-src data:; style-src 'unsafe-inline'");
});

test('the page says what was given up, what saw all labels, how intervals are made and that nothing was chosen', () => {
  const warnings = textOf(document.querySelector('.warnings'))!;
  assert.match(warnings, 'BYOL was given up: the encoder collapsed <b>at once</b>.');
  assert.match(warnings, 'SupCon learned from every label that is not held out');
  const figures = textOf(document.querySelector('#figures'))!;
  assert.match(figures, 'over the 4 draws of the labels and the 200 held-out images both');
  assert.match(figures, 'to SimCLR, which was fixed as the reference before anything was scored');
  assert.match(figures, 'Held-out images chose nothing');
  assert.match(
    textOf(document.querySelector('main > section'))!,
    '1,200 images seen in training (3 epochs of 400)',
  );
});

test('a cell holds the mean, its interval and the paired difference to the reference', () => {
  const rows = [...document.querySelector('#figures table')!.querySelectorAll('tbody tr')];
  const row = rows.find((each) => textOf(each.querySelector('th')) === 'Rotation')!;
  const [point] = made.encoders[3]!.curves[0]!.points;
  const { accuracy, difference } = point!;
  const percent = (share: number) => (100 * share).toFixed(1);
  const [low, high] = accuracy.interval;
  const text = textOf(row.querySelector('td'))!;
  assert.match(text, `${percent(accuracy.mean)}%`);
  assert.match(text, `${percent(low)}–${percent(high)}%`);
  assert.ok(difference!.mean < 0);
  assert.match(text, `−${percent(-difference!.mean)} (`);
  const scratch = rows.find((each) =>
    textOf(each.querySelector('th'))!.startsWith('supervised from scratch'),
  )!;
  assert.match(textOf(scratch.querySelector('th'))!, 'against probe');
});

test('the same comparison gives the same bytes, and a name never becomes markup', async () => {
  assert.is(await renderComparison(makeComparison()), page);
  const hostile = parse(await renderComparison(makeComparison('<script>alert(1)</script>" onload="x')));
  assert.is(hostile.querySelectorAll('script, [onload]').length, 0);
  assert.match(textOf(hostile.querySelector('#figures'))!, '<script>alert(1)</script>');
});

test('the terminal shows the same figures, a table for each way to learn from labels', () => {
  const lines = [...comparisonLines(made)];
  assert.ok(lines.some((line) => /^Probe, labels a class +2 +10 +all$/.test(line)));
  assert.ok(lines.some((line) => /^Nearest neighbours, labels a class/.test(line)));
  const [point] = made.encoders[0]!.curves[0]!.points;
  const own = lines.find((line) => line.startsWith('SimCLR '))!;
  assert.match(own, `${(100 * point!.accuracy.mean).toFixed(1)}% (`);
  const difference = lines.indexOf('difference to SimCLR, in points');
  assert.ok(difference > 0);
  assert.not.ok(lines.slice(difference, difference + 5).some((line) => line.startsWith('SimCLR')));
  assert.match(lines.at(-1)!, 'BYOL was given up');
});

test.run();
