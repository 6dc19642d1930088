import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitProbe, type Probe } from '../../../src/numerics/probe/probe.ts';
import { Random } from '../../../src/random.ts';

test('copies of a row are held out with it: what was only memorised wins no strength', () => {
  const random = new Random(31);
  const [originals, columns] = [24, 60];
  const noise = Float32Array.from({ length: originals * columns }, () => random.next() - 0.5);
  // Each row four times, and classes that the features say nothing of.
  const rows = 4 * originals;
  const features = Float32Array.from({ length: rows * columns }, (_, at) => noise[at % noise.length]!);
  const groups = Int32Array.from({ length: rows }, (_, row) => row % originals);
  const labels = groups.map((group) => group % 2);
  const best = (probe: Probe) => Math.max(...probe.validation.map((entry) => entry.accuracy));
  assert.is(best(fitProbe(features, labels, 2)), 1);
  // Half, and three standard deviations of 24 tosses.
  assert.ok(best(fitProbe(features, labels, 2, { groups })) < 0.5 + 3 * Math.sqrt(0.25 / originals));
  const alone = fitProbe(features, labels, 2, { groups: labels });
  assert.equal(alone.validation, [], 'a class of one group leaves nothing to validate on');
});

test.run();
