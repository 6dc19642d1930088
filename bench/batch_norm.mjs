// Batch norm with its ReLU, at ResNet-18's shapes, as a share of the adapter's limit: the unfused algorithm has to read
// x for the statistics and again to normalise; the gradient reads x and dy for its sums and again for dx; with a residual
// the sums also read y, for the ReLU's mask, and write its gradient.
//   node bench/batch_norm.mjs [--width 16,64] [--pixels 32] [--batch N] [--runs 7] [--json] [--against FOLDER]
import { measure, openSides } from './roofline.mjs';
import { circumstances, filled, options, report } from './support.mjs';

const given = options({ width: '16,64', pixels: 32, batch: 0, runs: 7, against: '' });
const sides = await openSides(given);
const edge = given.pixels > 48 ? Math.ceil(given.pixels / 4) : given.pixels;
const shapes = given.width.split(',').flatMap((text) => {
  const width = Number(text);
  const batch = given.batch || Math.max(1, Math.round(512 / width));
  return [0, 1, 2, 3].map((stage) => ({
    width,
    batch,
    edge: Math.ceil(edge / 2 ** stage),
    channels: width * 2 ** stage,
  }));
});
const { rows, limits } = await measure(sides, (side) => shapes.flatMap((s) => cases(side, s)), given.runs);
report(given.json, { ...circumstances(sides[0].engine), ...limits }, rows);
for (const { engine } of sides) engine.destroy();

function cases({ kindred, engine }, { width, batch, edge, channels }) {
  const shape = [batch, edge, edge, channels];
  const size = batch * edge ** 2 * channels;
  const images = () => filled(engine, ...shape);
  const constant = (value) => engine.input([channels], 'f32', new Float32Array(channels).fill(value));
  const [x, y, dy, dx, residual, dResidual] = Array.from({ length: 6 }, images);
  const parameters = [constant(1), constant(0), constant(0), constant(1)];
  const [dGamma, dBeta] = [constant(0), constant(0)];
  // Rows of means, inverse standard deviations, scales and shifts.
  const rows = [0, 1, 1, 0].flatMap((value) => new Array(channels).fill(value));
  const saved = { statistics: engine.input([4, channels], 'f32', Float32Array.from(rows)) };
  const op = kindred.ops.batch_norm;
  const attributes = { training: true, relu: true, epsilon: 1e-5, momentum: 0.1 };
  const forward = (more) => () =>
    op.forward(kindred.currentTape(), [x, ...parameters, ...more], [y], attributes);
  const backward = (more, targets) => () => {
    const inputs = [x, ...parameters, ...more];
    const applied = { inputs, outputs: [y], attributes, saved };
    op.backward(
      kindred.currentTape(),
      applied,
      [dy],
      [dx, dGamma, dBeta, undefined, undefined, ...targets],
      [],
    );
  };
  // Passes over the whole activation: reads and writes.
  const passes = [
    { pass: 'forward', transfers: 3, record: forward([]) },
    { pass: 'forward + residual', transfers: 4, record: forward([residual]) },
    { pass: 'backward', transfers: 5, record: backward([], []) },
    { pass: 'backward + residual', transfers: 7, record: backward([residual], [dResidual]) },
  ];
  return passes.map(({ pass, transfers, record }) => ({
    name: { width, shape: `${batch}·${edge}²·${channels}`, pass },
    flops: 10 * size,
    bytes: 4 * transfers * size,
    record,
  }));
}
