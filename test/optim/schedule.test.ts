import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { warmupCosine } from '../../src/optim/schedule.ts';
import fixture from '../fixtures/schedule.json';

test('warm-up and cosine are PyTorch’s schedulers in sequence', () => {
  for (const { values, ...schedule } of fixture.cases) {
    assert.is(values.length, schedule.totalSteps);
    for (const [step, value] of values.entries()) {
      const rate = warmupCosine(schedule, step);
      // The fixture keeps 14 digits.
      assert.ok(Math.abs(rate - value) < 1e-13, `step ${step}: ${rate} is not ${value}`);
    }
  }
});

test('the final rate is 0 unless given', () => {
  assert.is(warmupCosine({ peak: 1, warmupSteps: 0, totalSteps: 10 }, 5), 0.5);
});

test.run();
