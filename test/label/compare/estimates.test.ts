import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { curveAccuracy, curveDifference } from '../../../src/label/compare/estimates.ts';
import { pairedInterval, wilsonInterval } from '../../../src/numerics/interval.ts';

const hits = (text: string) => Uint8Array.from(text, Number);

test('of one draw the images alone say what is open: Wilson, and Bonett and Price of the difference', () => {
  const [own, other] = [hits('1101101111'), hits('1001001101')];
  assert.equal(curveAccuracy([own]), { mean: 0.8, interval: wilsonInterval(8, 10), images: 10, draws: 1 });
  const { interval, mean } = curveDifference([own], [other])!;
  assert.equal(interval, pairedInterval(own, other));
  assert.ok(Math.abs(mean - 0.3) < 1e-12);
});

test('of several draws it stays a share, and has a width where all is right in all draws', () => {
  const all = hits('1111111111');
  const certain = curveAccuracy([all, all, all])!;
  assert.equal(certain.interval, wilsonInterval(10, 10));
  const wild = curveAccuracy([all, hits('0000000000')])!;
  assert.equal(wild.interval, [0, 1]);
  const same = curveDifference([all, all], [all, all])!;
  assert.ok(same.mean === 0 && same.interval[0] < 0 && same.interval[1] > 0);
});

test('differences are paired: what draws have in common does not widen them', () => {
  const good = hits('11111111110000000000');
  const bad = hits('11000000000000000000');
  const better = (draw: Uint8Array) => draw.map((right, image) => (image === 19 ? 1 : right));
  const [own, other] = [
    [better(good), better(bad)],
    [good, bad],
  ];
  const { mean, interval } = curveDifference(own, other)!;
  assert.ok(Math.abs(mean - 1 / 20) < 1e-12);
  const [low, high] = curveAccuracy(own)!.interval;
  assert.ok(interval[1] - interval[0] < (high - low) / 2);
});

test('without a draw there is no estimate', () => {
  assert.is(curveAccuracy([]), null);
  assert.is(curveDifference([], []), null);
});

test.run();
