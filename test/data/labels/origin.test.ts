import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { csvLine, guard } from '../../../src/data/labels/csv.ts';
import { mergeLabels, readGivenRows } from '../../../src/data/labels/given_rows.ts';
import { countOrigins, type LabelOrigin, originCells, originsOf } from '../../../src/data/labels/origin.ts';
import { assertUserError } from '../temporary.ts';
import { options, source } from './read_labels.ts';

const rowsOf = (csv: string) => readGivenRows(csv, source, options).rows;

test('rows say where each label came from; those that say nothing are the person’s own choice', () => {
  const rows = rowsOf(
    'path,label,origin,probability\na.png,x,random,\nb.png,y, Proposed ,0.25\nsub/c.png,x,,\n"d, e.png",y,proposed,\n',
  );
  assert.equal(
    rows.map(({ origin }) => origin),
    [{ origin: 'random' }, { origin: 'proposed', probability: 0.25 }, undefined, { origin: 'proposed' }],
  );
  const given = Int32Array.of(0, 1, 0, 1, -1, -1);
  assert.equal(countOrigins(given, originsOf(rows, source)), {
    random: 1,
    stratified: 0,
    proposed: 2,
    audit: 0,
    own: 1,
  });
  assert.equal(countOrigins(given), { random: 0, stratified: 0, proposed: 0, audit: 0, own: 4 });
});

test('an origin survives being written and read, however small its probability', () => {
  const origins: LabelOrigin[] = [
    { origin: 'random' },
    { origin: 'audit' },
    { origin: 'own' },
    { origin: 'proposed', probability: 1 },
    { origin: 'proposed', probability: 1.25e-9 },
    { origin: 'proposed', probability: 0.645258 },
  ];
  const lines = origins.map((origin, image) =>
    csvLine([guard(source.paths[image]!), 'x', ...originCells(origin)]),
  );
  const read = rowsOf(`path,label,origin,probability\n${lines.join('')}`);
  assert.equal(
    read.map(({ origin }) => origin),
    origins,
  );
});

test('a filled-in audit.csv is read as labels by what the person says, and stays an audit', () => {
  const csv =
    'order,path,label,confidence,origin,checked_label\n1,a.png,cat,0.99,audit,dog\n2,b.png,cat,0.98,audit,\n3,sub/c.png,cat,0.97,audit,cat\n';
  const { rows, emptyRows } = readGivenRows(csv, source, options);
  assert.equal(rows, [
    { path: 'a.png', label: 'dog', origin: { origin: 'audit' } },
    { path: 'sub/c.png', label: 'cat', origin: { origin: 'audit' } },
  ]);
  assert.is(emptyRows, 1);
});

test('rows drawn at random that were passed over are counted, those below the last filled one are not', () => {
  const csv =
    'path,label,origin\na.png,,random\nb.png,x,random\nsub/c.png,,proposed\n"d, e.png",y,proposed\n"two\nlines.png",,random\n';
  const { skippedRandom, emptyRows } = readGivenRows(csv, source, options);
  assert.equal([skippedRandom, emptyRows], [1, 3]);
});

test('a corrected label keeps the origin that it had, unless the correction names one', () => {
  const earlier = rowsOf('path,label,origin,probability\na.png,x,random,\nb.png,x,proposed,0.5\n');
  const merged = mergeLabels(earlier, rowsOf('path,label\na.png,y\nb.png,x\nsub/c.png,x\n'));
  assert.equal(merged.rows, [
    { path: 'a.png', label: 'y', origin: { origin: 'random' } },
    { path: 'b.png', label: 'x', origin: { origin: 'proposed', probability: 0.5 } },
    { path: 'sub/c.png', label: 'x' },
  ]);
  const named = mergeLabels(earlier, rowsOf('path,label,origin\na.png,x,own\n'));
  assert.equal(named.rows[0]!.origin, { origin: 'own' });
});

test('an origin that there is not, and a probability that is none or not of a proposal, are refused in one sentence', async () => {
  const refuse = (cells: string, ...parts: string[]) =>
    assertUserError(
      () => rowsOf(`path,label,origin,probability\na.png,x,random,\nb.png,y,${cells}\n`),
      'mine.csv, row 3',
      ...parts,
    );
  await refuse('chosen,', "the origin is 'chosen'", 'random, stratified, proposed, audit, own');
  await refuse('proposed,0', "the probability is '0'", 'above 0');
  await refuse('proposed,1.01', "the probability is '1.01'", 'up to 1');
  await refuse('proposed,-0.5', "'-0.5'");
  await refuse('proposed,often', "'often'");
  for (const origin of ['random', 'audit', 'own', ''])
    await refuse(`${origin},0.5`, 'there is a probability', `the origin is '${origin}'`);
});

test.run();
