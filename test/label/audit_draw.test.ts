import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../../src/data/labels/status.ts';
import { drawAudit } from '../../src/label/audit_draw.ts';
import type { ImageLabel } from '../../src/label/image_label.ts';

const labelled = (path: string, status: Status = 'auto', confidence = 0.9, label = 'cat'): ImageLabel => ({
  path,
  label,
  confidence,
  margin: 0.8,
  runnerUp: 'dog',
  status,
  nearestLabelled: 'g.png',
});

test('the sample holds only automatic labels, as many as asked for, and says what it was drawn from', async () => {
  const statuses: Status[] = ['auto', 'review', 'given', 'outlier', 'duplicate'];
  const labels = Array.from({ length: 500 }, (_, i) =>
    labelled(`${i}.png`, statuses[i % 5]!, 1 - i / 1e4, i % 3 === 0 ? 'dog' : 'cat'),
  );
  const { rows, population, classes } = await drawAudit(labels, 40);
  assert.is(rows.length, 40);
  assert.is(new Set(rows.map(({ path }) => path)).size, 40);
  assert.ok(rows.every(({ path }) => labels[Number.parseInt(path, 10)]!.status === 'auto'));
  assert.is(population, 100);
  assert.equal(classes, [
    { name: 'dog', count: 34 },
    { name: 'cat', count: 66 },
  ]);
  assert.is((await drawAudit(labels.slice(0, 50), 100)).rows.length, 10);
  const none = await drawAudit([labelled('a', 'review')], 100);
  assert.equal([none.rows, none.thresholds, none.population], [[], [], 0]);
});

test('the order follows from the automatic labels: no seed draws another sample, other labels do', async () => {
  const labels = Array.from({ length: 200 }, (_, i) => labelled(`${i}.png`, i < 150 ? 'auto' : 'given'));
  const paths = async (of: readonly ImageLabel[], size: number) =>
    (await drawAudit(of, size)).rows.map(({ path }) => path);
  const order = await paths(labels, 50);
  assert.equal(await paths(labels, 20), order.slice(0, 20), 'a shorter one is the beginning of a longer one');
  const surer = labels.map((label) => ({ ...label, margin: 0.1 }));
  assert.equal(await paths(surer, 50), order);
  const renamed = labels.map((label, i) => (i === 7 ? { ...label, label: 'dog' } : label));
  assert.not.equal(await paths(renamed, 50), order);
});

test('the sample is in random order: its first rows are of every folder and every label as likely as any other', async () => {
  const counts = new Map<number, number>();
  for (let draw = 0; draw < 1000; draw++) {
    const labels = Array.from({ length: 20 }, (_, i) => labelled(`${draw}/${i}`));
    const { rows } = await drawAudit(labels, 5);
    for (const { path } of rows) {
      const image = Number(path.split('/')[1]);
      counts.set(image, (counts.get(image) ?? 0) + 1);
    }
  }
  assert.is(counts.size, 20);
  // Drawn without putting back, so a count varies by 250·(1 − 5/20) and all of them sum up to 5,000.
  const chiSquare = [...counts.values()].reduce(
    (sum, count) => sum + (((count - 250) ** 2 / 250) * (19 / 20)) / 0.75,
    0,
  );
  // Nineteen degrees of freedom: 43.8 is exceeded once in a thousand.
  assert.ok(chiSquare < 43.8, `chi-square ${chiSquare}`);
});

test('groups are drawn whole, in proportion to their sizes', async () => {
  // Groups of 1, 2, 3 and 4 images.
  const groups = [0, 1, 1, 2, 2, 2, 3, 3, 3, 3];
  const first = new Float64Array(4);
  for (let draw = 0; draw < 2000; draw++) {
    const labels = groups.map((_, i) => labelled(`${draw}/${i}`));
    const { rows } = await drawAudit(labels, 1, groups);
    const group = groups[Number(rows[0]!.path.split('/')[1])]!;
    first[group]!++;
    assert.is(rows.length, group + 1);
    assert.ok(rows.every((row) => row.group === 0));
  }
  const chiSquare = first.reduce((sum, count, group) => {
    const expected = 200 * (group + 1);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  // Three degrees of freedom: 16.3 is exceeded once in a thousand.
  assert.ok(chiSquare < 16.3, `chi-square ${chiSquare}`);
});

test('thresholds keep fixed shares of the labels, never part equal confidences, and count the groups that reach them', async () => {
  const labels = Array.from({ length: 100 }, (_, i) => labelled(`${i}`, 'auto', 0.5 + i / 200));
  const { thresholds } = await drawAudit(labels, 10);
  assert.is(thresholds.length, 11);
  assert.equal(thresholds[0], { threshold: 0.5, population: 100 });
  assert.equal(thresholds[10], { threshold: 0.75, population: 50 });
  const equal = labels.map((label, i) => ({ ...label, confidence: i < 30 ? 0.6 : 0.9 }));
  assert.equal((await drawAudit(equal, 10)).thresholds, [
    { threshold: 0.6, population: 100 },
    { threshold: 0.9, population: 70 },
  ]);
  // Pairs of a sure and an unsure one: every group reaches every threshold.
  const pairs = labels.map((_, i) => i % 50);
  assert.equal(
    (await drawAudit(labels, 10, pairs)).thresholds.map(({ population }) => population),
    new Array(11).fill(100),
  );
});

test.run();
