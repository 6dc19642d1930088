import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawAudit } from '../../../src/label/audit_draw.ts';
import {
  auditBound,
  auditChance,
  auditLimit,
  auditThreshold,
} from '../../../src/label/confidence/audit_bound.ts';
import type { ImageLabel } from '../../../src/label/image_label.ts';
import { Random, shuffledIndices } from '../../../src/random.ts';

const single = (count: number, wrong: (row: number) => boolean, confidence = (_: number) => 0.9) =>
  Array.from({ length: count }, (_, row) => ({
    confidence: confidence(row),
    group: row,
    wrong: wrong(row),
  }));

test('the chances of all audits of a run sum up to 5%, and the first has most of it', () => {
  let sum = 0;
  for (let earlier = 0; earlier < 100_000; earlier++) {
    const chance = auditChance(earlier);
    assert.ok(chance > 0 && (earlier === 0 || chance < auditChance(earlier - 1)));
    sum += chance;
  }
  // The rest of the sum over 1/(j(j+1)) from j = 100,000 on is 1/100,000.
  assert.ok(Math.abs(sum - 0.05) < 1e-7, `${sum}`);
  assert.ok(auditChance(0) > 0.04);
});

test('eighty clean checks promise 5% of a thousand automatic labels, a hundred and twenty-two with one error', () => {
  const whole = [{ threshold: 0.8, population: 1000 }];
  const passes = (count: number, errors: number) =>
    auditThreshold(
      single(count, (row) => row < errors),
      whole,
      0.05,
      auditChance(0),
    );
  assert.is(passes(78, 0), null);
  assert.is(passes(79, 0), 0.8);
  assert.is(passes(121, 1), null);
  assert.is(passes(122, 1), 0.8);
  assert.is(passes(0, 0), null);
  assert.is(auditThreshold([], [], 0.05, 0.05), null);
  // The bound that is shown is the one that the threshold was tested by.
  for (const [count, errors] of [
    [79, 0],
    [78, 0],
    [122, 1],
  ] as const)
    assert.is(
      auditBound(
        single(count, (row) => row < errors),
        1000,
        auditChance(0),
      ) <= 0.05,
      passes(count, errors) !== null,
    );
  assert.ok(
    auditLimit(0, 100) >
      auditBound(
        single(100, () => false),
        1000,
        auditChance(0),
      ),
  );
});

/** As `drawAudit` lists them, of labels each by itself. */
function thresholdsOf(confidences: readonly number[]) {
  const sorted = [...confidences].sort((a, b) => b - a);
  return Array.from({ length: 11 }, (_, i) => {
    const threshold = sorted[Math.ceil((1 - i / 20) * sorted.length) - 1]!;
    return { threshold, population: sorted.filter((confidence) => confidence >= threshold).length };
  });
}

test('errors at low confidence raise the threshold above them, once enough sure labels are checked', () => {
  const confidence = (row: number) => 0.6 + (row % 100) / 250;
  const rows = single(300, (row) => row % 100 < 30 && row % 2 === 0, confidence);
  const thresholds = thresholdsOf(Array.from({ length: 2000 }, (_, row) => confidence(row)));
  const threshold = auditThreshold(rows, thresholds, 0.05, auditChance(0))!;
  assert.ok(threshold > 0.7 && threshold <= 0.8, `${threshold}`);
  assert.is(auditThreshold(rows.slice(0, 200), thresholds, 0.05, auditChance(0)), null, 'half of them');
});

const population = 600;

/**
 * How often an audit of drawn populations, returned after every ten rows, ever chooses a threshold above which more than
 * the target is wrong.
 */
async function falseChoices(
  draws: number,
  wrongOf: (rank: number, random: Random) => boolean,
  groupOf: (row: number) => number,
): Promise<number> {
  const target = 0.1;
  const random = new Random(17);
  let failures = 0;
  for (let draw = 0; draw < draws; draw++) {
    const labels = Array.from({ length: population }, (_, row): ImageLabel => {
      const confidence = 1 - (row + 1) / 2000;
      const rest = { margin: 0, runnerUp: '', nearestLabelled: '' };
      return { path: `${draw}/${row}`, label: 'cat', status: 'auto', confidence, ...rest };
    });
    const wrong = labels.map((_, row) => wrongOf(row / population, random));
    const groups = labels.map((_, row) => groupOf(row));
    const sample = await drawAudit(labels, 250, groups);
    const rows = sample.rows.map(({ path, confidence, group }) => ({
      confidence,
      group,
      wrong: wrong[Number(path.split('/')[1])]!,
    }));
    const isFalse = (least: number) => {
      const all = [...labels.keys()].filter((row) => labels[row]!.confidence >= least - 1e-9);
      return all.filter((row) => wrong[row]).length > target * all.length;
    };
    let failed = false;
    for (let end = 10; end <= rows.length && !failed; end += 10) {
      let whole = end;
      while (whole < rows.length && rows[whole]!.group === rows[whole - 1]!.group) whole++;
      const least = auditThreshold(rows.slice(0, whole), sample.thresholds, target, 0.05);
      failed = least !== null && isFalse(least);
    }
    if (failed) failures++;
  }
  return failures / draws;
}

test('the choice among thresholds, made anew at each return, is false in at most 5% of audits, in groups too', async () => {
  const each = (row: number) => row;
  // By confidence alone, by bursts of five whose images differ in confidence, and by large and small groups.
  const stride = (row: number) => row % 120;
  const uneven = (row: number) => (row % 3 === 0 ? row % 12 : 1000 + row);
  for (const [name, wrongOf, groupOf] of [
    ['the same error everywhere', (rank) => Math.round(population * rank) % 9 === 4, each],
    ['more errors below', (rank, random) => random.next() < 0.02 + 0.2 * rank, each],
    ['more errors above', (rank, random) => random.next() < 0.2 - 0.15 * rank, each],
    ['half is clean', (rank, random) => rank > 0.45 && random.next() < 0.25, each],
    ['in bursts', (rank, random) => random.next() < 0.02 + 0.2 * rank, stride],
    ['in uneven groups', (_, random) => random.next() < 0.12, uneven],
  ] as const satisfies readonly (readonly [
    string,
    (rank: number, random: Random) => boolean,
    (row: number) => number,
  ])[]) {
    const rate = await falseChoices(200, wrongOf, groupOf);
    console.log(`${name}: ${rate}`);
    // Binomial(200, 5%) exceeds 17 once in a hundred.
    assert.ok(rate <= 17 / 200, `${name}: ${rate}`);
  }
});

test('where whole groups are wrong together, the bound over groups holds', () => {
  // 60 groups of 10; seven are wrong: 11.7%.
  const random = new Random(3);
  let failures = 0;
  for (let draw = 0; draw < 500; draw++) {
    const order = shuffledIndices(60, random);
    const rows = Array.from(order.subarray(0, 40)).flatMap((group) =>
      Array.from({ length: 10 }, () => ({ confidence: 0.9, group, wrong: group < 7 })),
    );
    for (let groups = 1; groups <= 40; groups++) {
      if (auditBound(rows.slice(0, 10 * groups), 600, 0.05) >= 70 / 600) continue;
      failures++;
      break;
    }
  }
  console.log(`false in ${failures / 500}`);
  assert.ok(failures <= 25, `${failures}`);
});

test.run();
