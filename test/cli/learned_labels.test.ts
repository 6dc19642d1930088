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
const common = '--image-size 8 --width 2 --epochs 1 --batch 8 --methods probe,knn --budget 2';
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

test('several draws of labels would need as many pretext runs', async () => {
  const refused = await train('--labels-per-class 3 --draws 2 --method supcon --out other');
  assert.is(refused.code, 2);
  assert.match(refused.stderr, '--draws cannot compare others');
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
