import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { QuickProbe } from '../../../src/app/desk/quick_probe.ts';
import { UserError } from '../../../src/errors.ts';
import { pickRows } from '../../../src/numerics/feature_rows.ts';
import { fitProbe, predictProbe } from '../../../src/numerics/probe/probe.ts';
import { usualStrength } from '../../../src/numerics/probe/strength.ts';
import { fill } from '../../oracle.ts';

const [images, columns, classes] = [90, 37, 4];
const features = fill('images', images * columns, 1, 0.4);
// An image that cannot be read.
features.fill(0, 7 * columns, 8 * columns);

/** The same by a probe that knows nothing of earlier ones. */
function anew(given: Int32Array): Float32Array {
  const labelled = Int32Array.from(given.keys()).filter((image) => given[image]! >= 0);
  const labels = labelled.map((image) => given[image]!);
  const probe = fitProbe(pickRows(features, columns, labelled), labels, classes, {
    scalings: ['unit'],
    strengths: [usualStrength(new Set(labels).size)],
  });
  return predictProbe(probe, features).probabilities;
}

test('as labels come, change, go and bring classes, it says what a probe says that is fitted anew', () => {
  const probe = new QuickProbe(features, columns);
  const given = new Int32Array(images).fill(-1);
  const check = (what: string) => {
    const found = probe.probabilities(given, classes)!;
    const expected = anew(given);
    // Both end where the gradient is below 1e-7, and the loss curves by λ ≥ 2 there; float32 rounds to 6e-8.
    const off = found.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0);
    assert.ok(off < 1e-6, `${what}: ${off}`);
  };
  given[0] = 2;
  assert.is(probe.probabilities(given, classes), undefined);
  for (let image = 1; image < 60; image++) {
    given[image] = image % 2 === 0 ? 2 : 0;
    check(`${image + 1} labels`);
  }
  given[3] = 2;
  check('a label changed');
  given[61] = 1;
  check('a third class');
  given[61] = -1;
  check('which is taken back');
  given.fill(-1, 5);
  check('most are taken back');
});

test('features that are not finite are refused', () => {
  const broken = features.slice();
  broken[5] = Number.NaN;
  assert.throws(
    () => new QuickProbe(broken, columns),
    (error: Error) => error instanceof UserError,
  );
});

test.run();
