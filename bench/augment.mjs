// Two augmented views of a batch of images, by policy and size, as a share of the adapter's limit: the source pixels are
// read and the views written once. The rate counts views.
//   node bench/augment.mjs [--sizes 32x32,96x96] [--pairs 64] [--policies simclr-cifar,simclr-imagenet] [--runs 7] [--json]
import { measure, openSides } from './roofline.mjs';
import { circumstances, options, report, round, somePixels } from './support.mjs';

const given = options({
  sizes: '32x32,96x96',
  pairs: 64,
  policies: 'simclr-cifar,simclr-imagenet',
  runs: 7,
  against: '',
});
const sides = await openSides(given);
const sizes = given.sizes.split(',').map((text) => text.split('x').map(Number));
const policies = given.policies.split(',');
const all = sizes.flatMap(([source, view]) => policies.map((policy) => ({ source, view, policy })));
const measured = await measure(sides, (side) => all.map((one) => prepare(side, one)), given.runs);
const rows = measured.rows.map((row) => ({ ...row, 'views/s': round((2e3 * given.pairs) / row.ms) }));
report(given.json, { ...circumstances(sides[0].engine), ...measured.limits }, rows);
for (const { engine } of sides) engine.destroy();

function prepare({ kindred, engine }, { source, view, policy }) {
  const { pairs } = given;
  const pixels = somePixels(pairs, source);
  const images = kindred.uploadImages(engine, pixels);
  const indices = engine.input(
    [pairs],
    'u32',
    Uint32Array.from({ length: pairs }, (_, i) => i),
  );
  const counter = engine.input([2], 'u32', Uint32Array.of(1, 1));
  const shape = { policy: kindred.presets[policy], sourceSize: source, imageSize: view, views: 2 };
  return {
    name: { pairs, source, view, policy },
    // Some hundred operations a pixel for colours and the resampling's weights; blur is told by its time alone.
    flops: 2 * pairs * view ** 2 * 100,
    bytes: pixels.length + 2 * pairs * view ** 2 * 16,
    record: () => kindred.augment(images, indices, counter, shape),
  };
}
