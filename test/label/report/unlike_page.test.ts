import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readGivenRows } from '../../../src/data/labels/given_rows.ts';
import type { UnlikeImage } from '../../../src/label/novelty/unnamed_found.ts';
import { namingScript } from '../../../src/label/report/naming_script.ts';
import { renderReport } from '../../../src/label/report/page.ts';
import type { Report } from '../../../src/label/report/report.ts';
import { unnamedWarning } from '../../../src/label/report/unnamed.ts';
import { makeReport } from './report_fixture.ts';

const paths = ['a.png', '=b,"c".png', 'two\nlines é 画.png', '</script><b>.png', "'d.png"];
const share = { share: 0.13, interval: [0.02, 0.22], atLeast: 0.04 } as const;
const image = (path: string, at: number): UnlikeImage => ({
  path,
  image: at,
  label: 'cat',
  confidence: 0.7,
  margin: 0.4,
  runnerUp: 'dog',
  status: 'outlier',
  nearestLabelled: '',
  chance: 0.02,
});
const shown = paths.map(image);
const base = makeReport({ images: 60, classes: ['cat', 'dog'], perClass: 10 });
const report: Report = {
  ...base,
  noneOfThese: 3,
  unnamed: {
    share,
    automatic: null,
    withheld: true,
    unlike: shown,
    groups: [
      { shown, observations: 5, images: 9, predicted: { name: 'cat', observations: 4 } },
      { shown: [image('e.png', 9)], observations: 1, images: 1, predicted: { name: 'dog', observations: 1 } },
    ],
    groupCount: 2,
  },
};
const page = await renderReport(report, {
  side: 16,
  thumbnail: () => new Uint8Array(3 * 16 ** 2),
  encodeJpeg: async () => new Uint8Array(4),
});

/** The page with the script for its groups run; the map's needs a browser. */
function opened() {
  const { document, window } = parseHTML(page);
  new Function('document', namingScript)(document);
  const click = (element: Element) =>
    element.dispatchEvent(new window.Event('click', { bubbles: true, cancelable: true }));
  const link = document.querySelector('.naming a')!;
  const csv = () =>
    decodeURIComponent(link.getAttribute('href')!.slice('data:text/csv;charset=utf-8,'.length));
  return { document, click, csv, link };
}

test('named groups are taken home as labels that are read back path by path, without what was clicked away', () => {
  const { document, click, csv, link } = opened();
  const [first, second] = [...document.querySelectorAll('.newgroup')];
  assert.ok(link.hasAttribute('hidden'));
  click(first!.querySelector('[data-name="new class 1"]')!);
  click(first!.querySelectorAll('li button')[3]!);
  click(second!.querySelector('[data-name="none of these"]')!);
  const source = { name: 'folder', paths: [...paths, 'e.png'], classes: [], omitted: [], unreadable: [] };
  const { rows } = readGivenRows(csv(), source, { file: 'named.csv' });
  const wanted = paths.filter((_, at) => at !== 3).map((path) => ({ path, label: 'new class 1' }));
  assert.equal(
    rows.map(({ path, label }) => ({ path, label })),
    [...wanted, { path: 'e.png', label: 'none of these' }],
  );
  assert.is(document.querySelector('.naming output')!.textContent, '5 images are named');
  assert.not(link.hasAttribute('hidden'));
  click(first!.querySelectorAll('li button')[3]!);
  assert.is(readGivenRows(csv(), source, { file: 'named.csv' }).rows.length, 6);
});

test('one click gives a new name, the class it would be called, or none of these', () => {
  const { document } = opened();
  const names = [...document.querySelectorAll('.newgroup')].map((group) =>
    [...group.querySelectorAll('[data-name]')].map((button) => button.getAttribute('data-name')),
  );
  assert.equal(names, [
    ['new class 1', 'cat', 'none of these'],
    ['new class 2', 'dog', 'none of these'],
  ]);
});

test('the part says how many images are of no named class, and that no promise is given for that', () => {
  const { document } = opened();
  const part = document.querySelector('#unlike')!.textContent!.replace(/\s+/g, ' ');
  assert.match(part, /3 images given as 'none of these'/);
  assert.match(part, /13\.0%2\.0–22\.0%at least 4\.0%/);
  assert.match(part, /would break the promise, so none is given/);
  assert.match(part, /Group 1: 9 images, 5 observations/);
  assert.match(part, /4 of 5 would be called cat/);
  assert.is(document.querySelectorAll('#unlike > .pictures li').length, paths.length);
  assert.match(document.querySelector('#classes')!.textContent!, /3 images given as 'none of these'/);
});

test('the warning gives the share with its interval, what follows, and what to do', () => {
  const { unnamed } = report;
  assert.match(unnamedWarning(unnamed!), /about 13% \(95% interval 2\.0–22\.0%\) of those without a label/);
  assert.match(unnamedWarning(unnamed!), /about 13% would be wrong by that alone, so nothing is promised/);
  assert.match(
    unnamedWarning(unnamed!),
    /shows 2 groups of likely new classes: name them, or say 'none of these'/,
  );
  assert.not.match(unnamedWarning({ ...unnamed!, withheld: false }), /promised/);
});

test('without signs of an unnamed class, and with too few labels, the part says so', async () => {
  const without = {
    ...report.unnamed!,
    share: { ...share, atLeast: 0 },
    withheld: false,
    groups: [],
    groupCount: 0,
  };
  const source = {
    side: 16,
    thumbnail: () => new Uint8Array(3 * 16 ** 2),
    encodeJpeg: async () => new Uint8Array(4),
  };
  const quiet = parseHTML(await renderReport({ ...report, unnamed: without }, source)).document;
  assert.match(quiet.querySelector('#unlike')!.textContent!, /no more than chance explains/);
  assert.match(quiet.querySelector('#unlike')!.textContent!, /forms a group/);
  const few = parseHTML(await renderReport(base, source)).document;
  assert.match(few.querySelector('#unlike')!.textContent!, /too few given labels/);
});

test.run();
