import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StageClock } from '../../src/app/jobs/stage_clock.ts';

test('stages are summed by what they work for, and features stand by themselves', () => {
  const clock = new StageClock();
  for (const stage of [
    'features: SimCLR',
    'looking for copies',
    'SimCLR + probe: fold 1 of 2',
    'SimCLR + probe: fold 2 of 2',
    'majority class: fold 1 of 2',
    'SimCLR + probe: all labels',
  ]) {
    clock.at(stage);
    clock.at(stage);
  }
  const costs = clock.finish();
  assert.equal(
    costs.map(({ name }) => name),
    ['features: SimCLR', 'looking for copies', 'SimCLR + probe', 'majority class'],
  );
  assert.ok(costs.every(({ seconds }) => seconds >= 0));
  assert.equal(clock.finish(), costs, 'nothing runs any more');
});

test.run();
