import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noneOfThese } from '../../../src/data/labels/none_of_these.ts';
import { label, type Made } from '../made_labelling.ts';
import { hiddenWorld } from './hidden_world.ts';

const folder = hiddenWorld(125);
const found = await label(folder);
const { unnamed } = found.report;
const imageOf = (path: string) => Number(path.replace('.png', ''));
const showsHorse = ({ path }: { readonly path: string }) => folder.world[imageOf(path)] === 'horse';

test('a third of the images without a label are of a class that nobody named: noticed, and how many', () => {
  // 125 of 295.
  const { share } = unnamed!;
  assert.ok(share!.atLeast > 0.1 && share!.atLeast < 125 / 295, JSON.stringify(share));
  assert.ok(Math.abs(share!.share - 125 / 295) < 0.1, JSON.stringify(share));
  assert.ok(share!.interval[0] < 125 / 295 && share!.interval[1] > 125 / 295);
  assert.ok(found.report.warnings.some((warning) => /class that nobody named/.test(warning)));
});

test('its images are no automatic labels, and stand first among the most unlike', () => {
  const automatic = found.labels.filter(({ status }) => status === 'auto');
  assert.ok(automatic.filter(showsHorse).length <= 0.05 * Math.max(1, automatic.length));
  const outliers = found.labels.filter(({ status }) => status === 'outlier');
  assert.ok(outliers.filter(showsHorse).length > 60, String(outliers.length));
  assert.ok(outliers.filter(showsHorse).length >= 0.8 * outliers.length);
  assert.ok(unnamed!.unlike.length >= 20 && unnamed!.unlike.filter(showsHorse).length >= 20);
  unnamed!.unlike.slice(1).forEach(({ chance }, at) => {
    assert.ok(chance >= unnamed!.unlike[at]!.chance - 1e-12);
  });
});

test('the largest group of likely new classes is that class, with what it would have been called', () => {
  const [group] = unnamed!.groups;
  assert.ok(group!.observations > 60);
  assert.ok(group!.shown.filter(showsHorse).length >= 0.9 * group!.shown.length);
  assert.is(group!.predicted.name, 'cat');
  assert.ok(group!.predicted.observations > 0.8 * group!.observations);
});

test('where no class is missing nothing is said of one, and promises are as before', async () => {
  const { report, labels } = await label(hiddenWorld(0));
  assert.is(report.unnamed!.share!.atLeast, 0);
  assert.not(report.unnamed!.withheld);
  assert.not(report.warnings.some((warning) => /nobody named/.test(warning)));
  assert.ok(labels.filter(({ status }) => status === 'auto').length > 100);
});

test('copies are one observation: a burst of one odd image is no group', async () => {
  const made = hiddenWorld(8);
  const { values, columns } = made.features;
  const first = 250;
  for (let copy = 1; copy < 8; copy++)
    values.copyWithin((first + copy) * columns, first * columns, (first + 1) * columns);
  const groups = {
    groupOf: Int32Array.from(made.world, (name) => (name === 'horse' ? 0 : -1)),
    names: ['burst'],
    from: 'test',
  };
  const { report } = await label({ ...made, groups });
  for (const { shown } of report.unnamed!.groups)
    assert.ok(shown.filter(({ path }) => imageOf(path) >= first).length <= 1);
});

test('images of none of these are given, no class, and wrong where labels are checked', async () => {
  const answered = (images: readonly number[]): Made => {
    const given = folder.given.slice();
    for (const image of images) given[image] = noneOfThese;
    return { ...folder, given };
  };
  const horses = Array.from({ length: 12 }, (_, i) => 250 + i);
  const { report, labels, model } = await label(answered(horses));
  for (const image of horses) {
    const { label: said, status, confidence } = labels[image]!;
    assert.equal([said, status, confidence], ['none of these', 'given', 1]);
  }
  assert.is(report.noneOfThese, 12);
  assert.equal(
    report.classes.map(({ name, given }) => [name, given]),
    [
      ['cat', 40],
      ['dog', 40],
    ],
  );
  assert.is(model.head.bias.length, 2);
  assert.is(report.outOfFold!.count, 80);
  // Twelve that would have been automatic, as sure as the others: no threshold accepts none of them and enough others.
  const accepted = report.riskCoverage!.points.at(-1)!;
  assert.is(accepted.accepted, 92);
  assert.ok(accepted.errors >= 12);
  assert.is(report.riskCoverage!.chosen, null);
});

test.run();
