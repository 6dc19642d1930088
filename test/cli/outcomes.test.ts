import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { truthLines } from '../../src/cli/outcomes.ts';
import type { Automatic } from '../../src/label/methods/comparison.ts';
import { baselineName } from '../../src/label/methods/method_registry.ts';
import type { Report } from '../../src/label/report/report.ts';
import { makeReport } from '../label/report/report_fixture.ts';

const made = makeReport({ images: 600, classes: ['a', 'b', 'c'], perClass: 60, noise: 0.3 });

/** The report, with what the method that labels and supervised training could each label by themselves. */
const withAutomatic = (own: Automatic, supervised: Automatic | null): Report => {
  const rows = made.comparison.rows.map((row) => ({
    ...row,
    automatic: row.chosen ? own : row.method === baselineName ? supervised : null,
  }));
  return { ...made, comparison: { ...made.comparison, rows } };
};

test('the promise stands beside the error by the hidden truth, and beside what supervised training can promise', () => {
  const report = withAutomatic({ share: 0.75, error: 0.02 }, { share: 0, error: null });
  const { counts, hiddenTruth } = report;
  assert.ok(counts.auto > 0);
  const [own, compared, ...more] = truthLines(report);
  const share = ((100 * counts.auto) / 600).toFixed(1);
  const error = (100 * (1 - hiddenTruth!.auto!.accuracy)).toFixed(1);
  assert.is(
    own,
    `labelled automatically: ${counts.auto} of 600 images (${share}%); promised (provisional): at most 5.0% wrong; wrong by the hidden truth: ${error}%`,
  );
  assert.match(
    compared!,
    /^promised by itself at 5\.0%, of \d+ images whose label was hidden: pretext \+ probe 75\.0% \(2\.0% wrong\); supervised from scratch 0\.0%$/,
  );
  assert.equal(more, []);
});

test('where nothing was hidden, or supervised training has no folds, nothing is said of it', () => {
  const report = withAutomatic({ share: 0.75, error: 0.02 }, null);
  assert.is([...truthLines(report)].length, 1);
  assert.equal([...truthLines({ ...report, hiddenTruth: null })], []);
  assert.equal([...truthLines({ ...report, riskCoverage: null })], []);
});

test.run();
