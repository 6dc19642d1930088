import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawNuisance, nuisances } from '../../../src/data/demo/demo_figure.ts';
import { hideLabels } from '../../../src/data/labels/hidden_labels.ts';
import { accuracy, fitProbe, predictProbe } from '../../../src/numerics/probe/probe.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { Random } from '../../../src/random.ts';
import { loadSet } from '../loaded_set.ts';

const demo = await loadSet('demo', { files, limit: 600, testLimit: 300 });
const imageBytes = 3 * demo.size ** 2;
const image = (i: number) => demo.pixels.subarray(i * imageBytes, (i + 1) * imageBytes);

test('an image depends on seed and place alone, not on how many are drawn', async () => {
  const few = await loadSet('demo', { files, limit: 20, testLimit: 5 });
  assert.equal(few.pixels.subarray(0, 20 * imageBytes), demo.pixels.subarray(0, 20 * imageBytes));
  assert.equal(
    few.pixels.subarray(20 * imageBytes),
    demo.pixels.subarray(600 * imageBytes, 605 * imageBytes),
  );
  const other = await loadSet('demo', { files, limit: 20, testLimit: 5, seed: 1 });
  assert.not.equal(other.pixels.subarray(0, imageBytes), image(0));
});

test('training and test images differ, and every class is equally frequent', () => {
  assert.not.equal(image(600), image(0));
  assert.is(demo.classes.length, 6);
  const counts = new Array(6).fill(0);
  for (const label of demo.labels.subarray(0, 600)) counts[label]++;
  assert.equal(counts, new Array(6).fill(100));
});

test('the same seed draws the same bytes again', async () => {
  const again = await loadSet('demo', { files, limit: 20, testLimit: 5 });
  assert.equal(again.pixels.subarray(0, 20 * imageBytes), demo.pixels.subarray(0, 20 * imageBytes));
});

// Both ends are reached nearly, and none is passed, so that the table says what is drawn.
test('every nuisance stays within its bounds and takes all of them', () => {
  for (const [name, [low, high]] of Object.entries(nuisances)) {
    assert.ok(low < high, name);
    const random = new Random(1, name.length);
    const drawn = Array.from({ length: 500 }, () => drawNuisance(random, name as keyof typeof nuisances));
    const span = high - low;
    assert.ok(Math.min(...drawn) >= low && Math.min(...drawn) < low + 0.02 * span, name);
    assert.ok(Math.max(...drawn) <= high && Math.max(...drawn) > high - 0.02 * span, name);
  }
});

test('drawn at another size the images are of that size', async () => {
  const small = await loadSet('demo', { files, limit: 3, testLimit: 1, imageSize: 16 });
  assert.is(small.pixels.length, 4 * 3 * 16 * 16);
});

test('a size below 8 pixels is refused in one sentence', async () => {
  try {
    await loadSet('demo', { files, imageSize: 7 });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /imageSize 7 is too small/);
  }
});

// What is cheap to see must not tell the classes apart, or the comparison of methods would say nothing. With 25 labels
// a class and 300 held-out images chance is 16.7% with a standard error of 2.2%.
test('colour histograms and mean colours hardly tell the classes apart', () => {
  assert.ok(scoreOf(histogram) < 0.3, `colour histograms reach ${scoreOf(histogram)}`);
  assert.ok(scoreOf(meanColour) < 0.27, `mean colours reach ${scoreOf(meanColour)}`);
});

// Nor may a linear look at the pixels suffice; it should see something, or the task would be hopeless.
test('raw pixels tell the classes apart a little', () => {
  const score = scoreOf(greyPixels);
  assert.ok(score > 0.2 && score < 0.7, `raw pixels reach ${score}`);
});

function scoreOf(describe: (pixels: Uint8Array) => Float32Array): number {
  const rows = Array.from(demo.labels, (_, i) => describe(image(i)));
  const columns = rows[0]!.length;
  const pick = (from: number, to: number) => {
    const flat = new Float32Array((to - from) * columns);
    rows.slice(from, to).forEach((row, i) => {
      flat.set(row, i * columns);
    });
    return flat;
  };
  const few = hideLabels(demo, 25, 0).labels.subarray(0, 600);
  const probe = fitProbe(pick(0, 600), few, 6, { strengths: [1] });
  return accuracy(predictProbe(probe, pick(600, 900)).labels, demo.labels.subarray(600));
}

function histogram(pixels: Uint8Array): Float32Array {
  const bins = new Float32Array(64);
  for (let i = 0; i < pixels.length; i += 3) {
    bins[(pixels[i]! >> 6) * 16 + (pixels[i + 1]! >> 6) * 4 + (pixels[i + 2]! >> 6)]! += 1;
  }
  return bins;
}

/** Every second pixel of every second row, in grey. */
function greyPixels(pixels: Uint8Array): Float32Array {
  const side = demo.size / 2;
  return Float32Array.from({ length: side * side }, (_, p) => {
    const at = 3 * (2 * Math.floor(p / side) * demo.size + 2 * (p % side));
    return pixels[at]! + pixels[at + 1]! + pixels[at + 2]!;
  });
}

function meanColour(pixels: Uint8Array): Float32Array {
  const mean = new Float32Array(3);
  pixels.forEach((value, i) => {
    mean[i % 3]! += value;
  });
  return mean;
}

test.run();
