import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderReport } from '../../../src/label/report/page.ts';
import type { Report } from '../../../src/label/report/report.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { madeThumbnail, makeReport } from './report_fixture.ts';

const side = 16;
const small = makeReport({ images: 200, classes: ['cat', 'dog', 'owl'], perClass: 20 });
const render = async (report: Report): Promise<Document> => {
  const thumbnail = (image: number) => madeThumbnail(image, side);
  return parseHTML(await renderReport(report, { side, thumbnail, encodeJpeg: nodeFiles.encodeJpeg }))
    .document;
};
const textOf = (element: Element | null) => element?.textContent?.replace(/\s+/g, ' ').trim();

test('where groups count, the page says how many labels and classes have, and who is named stays text', async () => {
  const groups = {
    from: 'the column <b>patient</b>',
    groups: 12,
    alone: 3,
    labels: 40,
    observations: 9,
    ofClass: [5, 4],
    largest: 6,
  };
  const grouped = await render({ ...small, groups });
  assert.match(
    textOf(grouped.querySelector('#data'))!,
    'the 40 labels are 9 observations, the largest of 6 labels',
  );
  assert.is(grouped.querySelector('#data b'), null);
  const heads = (of: Document) => [...of.querySelectorAll('#classes th')].map(textOf);
  assert.ok(heads(grouped).includes('of groups'));
  assert.not.ok(heads(await render(small)).includes('of groups'));
});

test('where labels are not independent the threshold says so, not that more of them would help', async () => {
  const order = { method: 'probe', random: 0.99, neighbours: 0.6, deviations: 5, dependent: true };
  const riskCoverage = { ...small.riskCoverage!, chosen: null };
  const said = async (report: Report) => textOf((await render(report)).querySelector('#threshold'))!;
  const text = await said({ ...small, riskCoverage, order });
  assert.match(text, 'not independent of one another');
  assert.not.match(text, 'what helps most');
  assert.match(await said({ ...small, riskCoverage }), 'More given labels are what helps most');
});

test.run();
