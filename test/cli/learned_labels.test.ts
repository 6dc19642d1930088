import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Report } from '../../src/label/report/report.ts';
import { runKindred, stripedImages, writeFiles } from './support.ts';

// A pretext task that learns from labels has seen those that folds would hold out.
const folder = mkdtempSync(join(tmpdir(), 'kindred-learned-'));
writeFiles(folder, stripedImages('images', 12));
const common = '--image-size 8 --width 2 --epochs 1 --batch 8 --methods probe,knn --budget 2 --encoder none';
const train = (args: string) =>
  runKindred(folder, `train --data images --labels folders ${common} ${args}`.split(' '));
const { code, stdout, stderr } = await train('--labels-per-class 6 --method supcon --out run');
const reportOf = (run: string): Report => JSON.parse(readFileSync(join(folder, run, 'report.json'), 'utf8'));

test('on labels that the pretext has learned from nothing is checked and nothing promised', () => {
  assert.is(code, 0, stderr);
  const report = reportOf('run');
  assert.is(report.comparison.folds, 0);
  assert.is(report.counts.auto, 0);
  assert.equal([report.outOfFold, report.calibration, report.riskCoverage], [null, null, null]);
  assert.match(report.warnings[0]!, 'has learned from the given labels');
  assert.match(stdout, 'has learned from the given labels');
});

test('nor do images score whose label it may have seen in another draw', () => {
  const { heldOutFrom, rows } = reportOf('run').comparison;
  assert.is(heldOutFrom, null);
  assert.ok(rows.every(({ heldOut }) => heldOut === null));
});

test('the same holds when the run is labelled again', async () => {
  const again = await runKindred(folder, 'label --run run --methods probe --out again'.split(' '));
  assert.is(again.code, 0, again.stderr);
  assert.is(reportOf('again').comparison.folds, 0);
});

test('an encoder that has not seen them keeps its promise beside it, and labels', async () => {
  const beside = await runKindred(
    folder,
    'label --run run --methods probe --encoder base --target-error 40% --out beside'.split(' '),
  );
  assert.is(beside.code, 0, beside.stderr);
  const { comparison, riskCoverage, warnings } = reportOf('beside');
  const scores = comparison.rows.map(({ method, chosen, outOfFold, heldOut }) => [
    method,
    chosen,
    outOfFold?.images,
    heldOut?.images,
  ]);
  assert.equal(scores, [
    ['base encoder + probe', true, 12, 12],
    ['SupCon + probe', false, undefined, undefined],
  ]);
  assert.ok(riskCoverage, 'an error is promised, or refused, by folds');
  assert.not.match(warnings.join(), 'has learned from');
});

test('several draws of labels would need as many pretext runs', async () => {
  const refused = await train('--labels-per-class 3 --draws 2 --method supcon --out other');
  assert.is(refused.code, 2);
  assert.match(refused.stderr, '--draws cannot compare others');
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
