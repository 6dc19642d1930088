import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Pace } from '../../src/label/pace.ts';

test('the speed is that of the last ten seconds, and the time left follows from it', () => {
  const pace = new Pace(1000, 100);
  // 20 images a second for 20 seconds, then 5 a second.
  let done = 0;
  for (let second = 1; second <= 20; second++) {
    done += 20;
    const { imagesPerSecond, secondsLeft } = pace.at(done, 100 + second);
    assert.is(imagesPerSecond, 20);
    assert.is(secondsLeft, (1000 - done) / 20);
  }
  const speeds = [];
  for (let second = 21; second <= 40; second++) {
    done += 5;
    speeds.push(pace.at(done, 100 + second).imagesPerSecond);
  }
  assert.is(speeds[0], (9 * 20 + 5) / 10);
  assert.is(speeds[9], 5);
  assert.is(speeds[19], 5);
  assert.is(pace.at(1000, 150).secondsLeft, 0);
});

test('steps longer than the window are measured by themselves', () => {
  const pace = new Pace(90, 0);
  assert.is(pace.at(10, 40).imagesPerSecond, 10 / 40);
  assert.is(pace.at(30, 60).imagesPerSecond, 20 / 20);
});

test('before any time has passed nothing is promised', () => {
  const { imagesPerSecond, secondsLeft } = new Pace(90, 7).at(1, 7);
  assert.is(imagesPerSecond, 0);
  assert.is(secondsLeft, Number.POSITIVE_INFINITY);
});

test.run();
