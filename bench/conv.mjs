// ResNet-18's convolutions, each forward, to its input's gradient and to its weights', as shares of the adapter's limit.
//   node bench/conv.mjs [--width 16,64] [--pixels 32,96] [--batch N] [--only layer2] [--pass forward] [--runs 5] [--json]
//
// Without --batch there are 32 images at width 16, and in proportion fewer at greater widths.
import { measure, openSides } from './roofline.mjs';
import { circumstances, filled, options, report } from './support.mjs';

const given = options({
  width: '16,64',
  pixels: '32,96',
  batch: 0,
  only: '',
  pass: '',
  runs: 5,
  against: '',
});
const sides = await openSides(given);
const numbers = (text) => text.split(',').map(Number);
const rows = [];
let limits = {};
for (const width of numbers(given.width)) {
  for (const pixels of numbers(given.pixels)) {
    const batch = given.batch || Math.max(1, Math.round(512 / width));
    const shapes = convolutions(width, pixels).filter(({ layer }) => layer.includes(given.only));
    const group = await measure(
      sides,
      (side) => shapes.flatMap((shape) => cases(side, { ...shape, width, pixels, batch })),
      given.runs,
    );
    rows.push(...group.rows);
    limits = group.limits;
  }
}
report(given.json, { ...circumstances(sides[0].engine), ...limits }, rows);
for (const { engine } of sides) engine.destroy();

/** The distinct convolutions of ResNet-18: `edge` is the side of the input. */
function convolutions(width, pixels) {
  const large = pixels > 48;
  const stem = { layer: 'conv1', edge: pixels, inputs: 3, outputs: width };
  const list = [large ? { ...stem, kernel: 7, stride: 2 } : { ...stem, kernel: 3, stride: 1 }];
  let edge = large ? Math.ceil(pixels / 4) : pixels;
  list.push({ layer: 'layer1', edge, inputs: width, outputs: width, kernel: 3, stride: 1 });
  for (let stage = 2; stage <= 4; stage++) {
    const outputs = width * 2 ** (stage - 1);
    const entry = { edge, inputs: outputs / 2, outputs, stride: 2 };
    list.push({ ...entry, layer: `layer${stage}.0.conv1`, kernel: 3 });
    list.push({ ...entry, layer: `layer${stage}.0.downsample`, kernel: 1 });
    edge = Math.ceil(edge / 2);
    list.push({ layer: `layer${stage}`, edge, inputs: outputs, outputs, kernel: 3, stride: 1 });
  }
  return list;
}

function cases({ kindred, engine }, { layer, edge, inputs, outputs, kernel, stride, width, pixels, batch }) {
  const pad = Math.floor(kernel / 2);
  const outEdge = Math.floor((edge + 2 * pad - kernel) / stride) + 1;
  // Images have a fourth channel that is not read; no gradient goes to them.
  const isStem = inputs === 3;
  const x = filled(engine, batch, edge, edge, isStem ? 4 : inputs);
  const w = filled(engine, kernel, kernel, inputs, outputs);
  const y = filled(engine, batch, outEdge, outEdge, outputs);
  const into = {
    x: filled(engine, ...x.shape),
    w: filled(engine, ...w.shape),
    y: filled(engine, ...y.shape),
  };
  const op = kindred.ops.conv2d;
  const attributes = { stride, pad };
  const applied = { inputs: [x, w], outputs: [y], attributes, saved: undefined };
  const passes = {
    forward: () => op.forward(kindred.currentTape(), [x, w], [into.y], attributes),
    input: () => op.backward(kindred.currentTape(), applied, [y], [into.x, undefined], []),
    weight: () => op.backward(kindred.currentTape(), applied, [y], [undefined, into.w], []),
  };
  if (isStem) delete passes.input;
  return Object.entries(passes)
    .filter(([pass]) => pass.includes(given.pass))
    .map(([pass, record]) => ({
      name: {
        width,
        pixels,
        batch,
        layer,
        shape: `${edge}²·${inputs}→${outEdge}²·${outputs} ${kernel}×${kernel}`,
        pass,
      },
      flops: 2 * batch * outEdge ** 2 * kernel ** 2 * inputs * outputs,
      bytes: 4 * (x.size + w.size + y.size),
      record,
    }));
}
