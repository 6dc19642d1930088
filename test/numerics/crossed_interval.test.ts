import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crossedInterval } from '../../src/numerics/crossed_interval.ts';
import { studentInterval } from '../../src/numerics/interval.ts';
import { Random } from '../../src/random.ts';

/** A normal number (Box and Muller). */
const normal = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** Whether an image is told right: by chance, more often where the draw is good and the image easy. */
function simulate(draws: number, images: number, spread: { draw: number; image: number }, random: Random) {
  const easy = Array.from({ length: images }, () => spread.image * normal(random));
  return Array.from({ length: draws }, () => {
    const good = spread.draw * normal(random);
    return Uint8Array.from(easy, (own) => (own + good + normal(random) > 0 ? 1 : 0));
  });
}

test('covers the mean of all draws and images in 95 of 100 cases, with few draws too, where draws alone do not', () => {
  const random = new Random(1, 0);
  // By symmetry half of all is right. Of 600 cases 95% is 570 ± 10.7 (two standard deviations).
  const cases = 600;
  const kinds = [
    { draws: 2, images: 100, spread: { draw: 0.2, image: 1 } },
    { draws: 5, images: 100, spread: { draw: 0.5, image: 1 } },
    { draws: 5, images: 200, spread: { draw: 0, image: 1 } },
    { draws: 10, images: 60, spread: { draw: 0.3, image: 0 } },
  ];
  for (const { draws, images, spread } of kinds) {
    let [covered, byDrawsAlone] = [0, 0];
    for (let i = 0; i < cases; i++) {
      const values = simulate(draws, images, spread, random);
      const [low, high] = crossedInterval(values);
      if (low <= 0.5 && 0.5 <= high) covered++;
      const means = values.map((draw) => draw.reduce((sum, value) => sum + value, 0) / images);
      const [from, to] = studentInterval(means);
      if (from <= 0.5 && 0.5 <= to) byDrawsAlone++;
    }
    assert.ok(covered >= 559, `${draws} draws of ${images}: ${covered} of ${cases}`);
    if (spread.image > 0 && draws > 2)
      assert.ok(byDrawsAlone < covered, `${draws} draws of ${images}: ${byDrawsAlone}, not ${covered}`);
  }
});

test('is the same whichever way draws and images are turned, and is about the mean', () => {
  const values = [
    [1, 0, 1, 1],
    [0, 0, 1, 1],
    [1, 0, 0, 1],
  ];
  const turned = values[0]!.map((_, image) => values.map((draw) => draw[image]!));
  const [low, high] = crossedInterval(values);
  const [from, to] = crossedInterval(turned);
  // Sums in another order: some units in the last place.
  assert.ok(Math.abs(low - from) < 1e-12 && Math.abs(high - to) < 1e-12);
  assert.ok(Math.abs((low + high) / 2 - 7 / 12) < 1e-12);
});

test('two draws that agree have the width that their images leave open', () => {
  const draw = Uint8Array.from({ length: 100 }, (_, image) => (image % 5 === 0 ? 0 : 1));
  const [low, high] = crossedInterval([draw, draw]);
  // 1.984 · √(0.8 · 0.2 / 99)
  assert.ok(Math.abs((high - low) / 2 - 1.984 * Math.sqrt(0.16 / 99)) < 1e-3, `${low} – ${high}`);
});

test('fewer than two draws or images have none', () => {
  assert.throws(() => crossedInterval([[1, 0]]), /two of each/);
  assert.throws(() => crossedInterval([[1], [0]]), /two of each/);
});

test.run();
