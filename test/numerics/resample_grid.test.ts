import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type GridRule, resampleGrid } from '../../src/numerics/resample_grid.ts';
import fixture from '../fixtures/vits.json';
import { fill } from '../oracle.ts';

for (const { grid, side, channels, rule, positions } of fixture.positions)
  test(`${grid}² cells to ${side}² by ${rule}: PyTorch's interpolate in float64`, () => {
    const all = fill(`positions ${grid}`, (1 + grid ** 2) * channels);
    const resampled = resampleGrid(all.subarray(channels), { grid, side, rule: rule as GridRule });
    assert.is(resampled.length, positions.length);
    // Sums in float64, rounded to float32 once; the figures have nine digits.
    resampled.forEach((value, i) => {
      assert.ok(Math.abs(value - positions[i]!) < 1e-7, `${i}: ${value}`);
    });
  });

test('at its own side a grid is not touched, whatever the rule', () => {
  const rows = fill('rows', 50);
  for (const rule of ['size', 'offset', 'antialias'] as const)
    assert.is(resampleGrid(rows, { grid: 5, side: 5, rule }), rows);
});

test.run();
