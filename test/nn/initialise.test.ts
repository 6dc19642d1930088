import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { heNormal, uniformFanIn } from '../../src/nn/initialise.ts';

const shape = [3, 3, 64, 128];
const count = 3 * 3 * 64 * 128;
const mean = (values: Float32Array) => Float64Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const power = (values: Float32Array, exponent: number) => mean(values.map((value) => value ** exponent));

test('He: normal numbers of variance 2/fan', () => {
  const fan = 9 * 128;
  const values = heNormal(5, 'conv.weight', fan)(shape);
  const unit = values.map((value) => value / Math.sqrt(2 / fan));
  // Standard errors of the moments 1, 2 and 4 of n normal numbers: √(1/n), √(2/n), √(96/n); four of them.
  assert.ok(Math.abs(mean(unit)) < 4 * Math.sqrt(1 / count));
  assert.ok(Math.abs(power(unit, 2) - 1) < 4 * Math.sqrt(2 / count));
  assert.ok(Math.abs(power(unit, 4) - 3) < 4 * Math.sqrt(96 / count));
});

test('linear layers: uniform numbers within ±1/√fanIn', () => {
  const values = uniformFanIn(5, 'fc.weight', 64)(shape);
  const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  assert.ok(largest <= 1 / 8 && largest > 0.999 / 8);
  assert.ok(Math.abs(mean(values)) < 4 * Math.sqrt(1 / 64 / 3 / count));
  // The fourth moment of a uniform number is 1/5 of its bound's fourth power, its variance 1/3 of the square.
  assert.ok(Math.abs(power(values, 2) * 64 - 1 / 3) < 4 * Math.sqrt((1 / 5 - 1 / 9) / count));
});

test('a tensor’s values follow from seed and name alone', () => {
  const draw = (seed: number, name: string) => heNormal(seed, name, 9)([17]);
  assert.equal(draw(1, 'a'), draw(1, 'a'));
  assert.equal(heNormal(1, 'a', 9)([20]).subarray(0, 17), draw(1, 'a'));
  const others = [draw(2, 'a'), draw(1, 'b'), draw(1, 'aa')];
  for (const other of others) assert.ok(other.every((value, i) => value !== draw(1, 'a')[i]));
});

test.run();
