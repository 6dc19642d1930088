// Self-attention, forward and backward, beside a square matrix product and a transformer's own products.
//   node bench/attention.mjs [--shapes 1x257x6x64,1x1370x6x64 --products 512x512x512,257x384x1536 --runs 7] [--json]
// A shape is images × tokens × heads × numbers of a head.
import { measure, openSides } from './roofline.mjs';
import { circumstances, filled, options, report } from './support.mjs';

const given = options({
  shapes: '1x257x6x64,1x1370x6x64',
  products: '512x512x512,257x384x1536,257x1536x384,257x384x1152',
  passes: 'forward,backward',
  runs: 7,
  against: '',
});
const sides = await openSides(given);
const sizes = (text) => text.split(',').map((one) => one.split('x').map(Number));
const { rows, limits } = await measure(sides, cases, given.runs);
report(given.json, { ...circumstances(sides[0].engine), ...limits }, rows);
for (const { engine } of sides) engine.destroy();

function cases(side) {
  const passes = given.passes.split(',');
  return [
    ...sizes(given.products).map((shape) => product(side, shape)),
    ...sizes(given.shapes).flatMap((shape) => passes.map((pass) => attention(side, shape, pass))),
  ];
}

function product({ kindred, engine }, [m, k, n]) {
  const [a, b, c] = [filled(engine, m, k), filled(engine, k, n), engine.input([m, n])];
  return {
    name: { what: 'matmul', shape: `${m}x${k}x${n}` },
    flops: 2 * m * n * k,
    bytes: 4 * (m * k + k * n + m * n),
    record() {
      const attributes = { transposeA: false, transposeB: false };
      kindred.ops.matmul.forward(kindred.currentTape(), [a, b], [c], attributes);
    },
  };
}

/** Two products of tokens × tokens × D for each head; backward, with the scores made again, five. */
function attention({ kindred, engine }, [images, tokens, heads, size], pass) {
  const channels = heads * size;
  const qkv = filled(engine, images, tokens, 3 * channels);
  const [y, dy] = [engine.input([images, tokens, channels]), filled(engine, images, tokens, channels)];
  const dQkv = engine.input([images, tokens, 3 * channels]);
  const product = 2 * images * heads * tokens ** 2 * size;
  const op = kindred.ops.attention;
  return {
    name: { what: `attention ${pass}`, shape: [images, tokens, heads, size].join('x') },
    flops: product * (pass === 'forward' ? 2 : 5),
    bytes: 4 * images * tokens * channels * (pass === 'forward' ? 4 : 8),
    record() {
      const run = kindred.currentTape();
      const saved = pass === 'forward' ? undefined : run.temporary('logs', [images, heads, tokens]);
      if (pass === 'forward') op.forward(run, [qkv], [y], { heads });
      else {
        const applied = { inputs: [qkv], outputs: [y], attributes: { heads }, saved };
        op.backward(run, applied, [dy], [dQkv], [false]);
      }
    },
  };
}
