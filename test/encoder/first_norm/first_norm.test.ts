import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstNormMisfits } from '../../../src/encoder/first_norm.ts';
import { knownNormalisations } from '../../../src/encoder/known_recipes.ts';
import { type Normalisation, perChannel } from '../../../src/ops/augment.ts';
import { Random } from '../../../src/random.ts';
import { seenThrough } from './first_norm_fixture.ts';

// Pixels of which each is drawn by itself, so that what the norm sees is known in closed form.
const size = 12;
const random = new Random(1);
const pixels = Uint8Array.from({ length: 40 * 3 * size * size }, () => 40 + random.integer(120));
const mean = (40 + 159) / 2 / 255;
const variance = (120 ** 2 - 1) / 12 / 255 ** 2;

const { imagenet, half, unit } = knownNormalisations;
const known = [imagenet, half, unit].map(({ normalise }) => normalise);

/** Of two normal distributions, that of pixels seen through `one` from that of the same pixels seen through `other`. */
function divergence(one: Normalisation, other: Normalisation, c: 0 | 1 | 2): number {
  const seen = (scale: Normalisation) => {
    const std = perChannel(scale.std)[c];
    return { m: (mean - perChannel(scale.mean)[c]) / std, v: variance / std ** 2 + 1e-5 };
  };
  const [a, b] = [seen(one), seen(other)];
  return ((a.v + (a.m - b.m) ** 2) / b.v - 1 - Math.log(a.v / b.v)) / 2;
}

test('a normalisation’s misfit is the divergence of what the first norm sees from what it has seen in training', () => {
  for (const trained of known) {
    const weights = seenThrough(trained, {
      mean: [mean, mean, mean],
      variance: [variance, variance, variance],
    });
    const misfits = firstNormMisfits(weights, { pixels, size }, known, 3)!;
    known.forEach((asked, at) => {
      const each = ([0, 1, 2] as const).map((c) => divergence(asked, trained, c)).sort((a, b) => a - b);
      // 2,048 draws give the mean to 1/45 of a deviation and the variance to 1/50 of itself (a uniform's kurtosis is 1.8).
      const tolerance = 0.01 + 0.15 * each[1]!;
      assert.ok(Math.abs(misfits[at]! - each[1]!) < tolerance, `${misfits[at]} is not ${each[1]}`);
    });
    assert.is(misfits.indexOf(Math.min(...misfits)), known.indexOf(trained));
  }
});

test('a norm that has never seen an image says nothing', () => {
  const weights = seenThrough(unit.normalise, { mean: [0, 0, 0], variance: [1, 1, 1] });
  assert.is(firstNormMisfits(weights, { pixels, size }, known, 3), undefined);
});

test.run();
