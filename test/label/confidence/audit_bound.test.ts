import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { auditResult, auditThreshold } from '../../../src/label/confidence/audit_bound.ts';

const audited = (confidence: number, correct: boolean) => ({ confidence, correct });

test('the bound of an audit is that of its errors among its rows', () => {
  const rows = Array.from({ length: 100 }, (_, i) => audited(0.9, i > 0));
  const { checked, errors, bound } = auditResult(rows);
  assert.equal([checked, errors], [100, 1]);
  // 4.66%: (1 − p)^100 + 100 p (1 − p)^99 = 5%.
  assert.ok(Math.abs((1 - bound) ** 100 + 100 * bound * (1 - bound) ** 99 - 0.05) < 1e-12);
  assert.equal(auditResult([]), { checked: 0, errors: 0, bound: 1 });
});

test('a sample that keeps the target as a whole confirms the current threshold', () => {
  const rows = Array.from({ length: 60 }, (_, i) => audited(0.8 + i / 1000, true));
  assert.is(auditThreshold(rows, 0.05, 0.75), 0.75);
  assert.is(auditThreshold(rows.slice(2), 0.05, 0.75), null, '58 right ones promise no 5%');
  assert.is(auditThreshold([], 0.05, 0.75), null);
});

test('errors at low confidence raise the threshold above them; rows under the current one do not count', () => {
  const sure = Array.from({ length: 80 }, (_, i) => audited(0.9 + i / 1000, true));
  const doubtful = Array.from({ length: 40 }, (_, i) => audited(0.6 + i / 1000, i % 2 === 0));
  const threshold = auditThreshold([...sure, ...doubtful], 0.05, 0.6)!;
  assert.ok(threshold > 0.63 && threshold <= 0.9, `${threshold}`);
  assert.is(auditThreshold([...sure, ...doubtful], 0.05, 0.85), 0.85);
});

test.run();
