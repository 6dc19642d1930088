import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FrameDifference } from '../../../src/label/findings/frame_difference.ts';
import { nearLimit } from '../../../src/label/findings/near_limits.ts';
import { Random } from '../../../src/random.ts';
import { area, framesOf, later, scene } from './made_frames.ts';

test('the limit of near copies lies in a gap of the distances, and is 0 where there is none', () => {
  const pairs = (differences: readonly number[]) => ({
    first: Int32Array.from(differences, (_, i) => 2 * i),
    second: Int32Array.from(differences, (_, i) => 2 * i + 1),
    difference: Float64Array.from(differences),
    told: Int32Array.from(differences, (_, i) => i),
  });
  const spread = (count: number, dimension: number, most: number) =>
    Array.from({ length: count }, (_, i) => most * ((i + 0.5) / count) ** (2 / dimension));
  const limit = (differences: readonly number[]) => nearLimit(pairs(differences), 2000, 2000);
  assert.is(limit([0.1, 0.3, 0.9]), 2, 'far from all else');
  assert.is(limit([]), 2);
  // Pairs of two, three or five free parameters, all alike by chance: at most one in a thousand images.
  for (const parameters of [2, 3, 5]) {
    const chance = spread(500, parameters, 4);
    const within = (differences: readonly number[]) =>
      differences.filter((difference) => difference <= limit(differences)).length;
    assert.ok(within(chance) <= 2, `${parameters}: ${within(chance)}`);
    const copies = Array.from({ length: 200 }, (_, i) => 1e-3 + i * 1e-5);
    const found = within([...copies, ...chance]);
    assert.ok(found >= 200 && found <= 220, `${parameters}: ${found} with copies`);
  }
  assert.is(limit(spread(990, 2, 4)), 0, 'a crowd');
});

test('what differs between frames is the same in either order, and nothing of a picture beside itself', () => {
  const random = new Random(1);
  const scenes = Array.from({ length: 6 }, () => scene(random));
  const { thumbnails } = framesOf([...scenes, later(scenes[0]!, random, 1)]);
  const frames = new FrameDifference(thumbnails, 7);
  assert.is(frames.between(0, 6), frames.between(6, 0));
  assert.is(frames.between(3, 3), 0);
  assert.ok(frames.between(0, 6) < 2 && frames.between(0, 1) > 8);
  // Half of the contrast beside an offset of 40 is another exposure within ±15% only.
  const exposed = Uint8Array.of(
    ...thumbnails.subarray(0, area),
    ...thumbnails.subarray(0, area).map((v) => 0.8 * v + 20),
  );
  assert.ok(new FrameDifference(exposed, 2).between(0, 1) < 0.5);
  assert.throws(() => new FrameDifference(new Uint8Array(50), 2), /6 pixels/);
});

test.run();
