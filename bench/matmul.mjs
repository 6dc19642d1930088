// Matrix products C[M][N] = op(A)·op(B) in every transposed form, as a share of the adapter's limit.
//   node bench/matmul.mjs [--shapes 512x512x512:NN+NT+TN,32x128x128] [--runs 7] [--json] [--against FOLDER]
import { measure, openSides } from './roofline.mjs';
import { circumstances, filled, options, report } from './support.mjs';

const shapes = [
  '512x512x512:NN+NT+TN',
  '1024x1024x1024',
  '509x257x1023:NN+NT+TN', // ragged
  '32x128x128:NN+NT', // the projection head of width 16 on 16 pairs: forward, gradient of its input
  '128x128x32:TN', // … of its weights
  '512x512x512:NN', // the head of width 64 on 256 pairs
  '512x128x512:NN',
  '2048x2048x128:NT', // similarities of 1,024 pairs
  '2048x128x2048:NN', // and their gradient
];
const given = options({ shapes: [...new Set(shapes)].join(), runs: 7, against: '' });
const sides = await openSides(given);
const list = given.shapes.split(',').flatMap((text) => {
  const [sizes, forms = 'NN'] = text.split(':');
  const [m, n, k] = sizes.split('x').map(Number);
  return forms.split('+').map((form) => ({ m, n, k, form }));
});
const unique = list.filter((one, i) => list.findIndex((other) => same(one, other)) === i);
const { rows, limits } = await measure(sides, cases, given.runs);
report(given.json, { ...circumstances(sides[0].engine), ...limits }, rows);
for (const { engine } of sides) engine.destroy();

function same(a, b) {
  return a.m === b.m && a.n === b.n && a.k === b.k && a.form === b.form;
}

function cases({ kindred, engine }) {
  return unique.map(({ m, n, k, form }) => {
    const [transposeA, transposeB] = [form[0] === 'T', form[1] === 'T'];
    const a = filled(engine, ...(transposeA ? [k, m] : [m, k]));
    const b = filled(engine, ...(transposeB ? [n, k] : [k, n]));
    const c = engine.input([m, n]);
    return {
      name: { m, n, k, form },
      flops: 2 * m * n * k,
      bytes: 4 * (m * k + k * n + m * n),
      record() {
        kindred.ops.matmul.forward(kindred.currentTape(), [a, b], [c], { transposeA, transposeB });
      },
    };
  });
}
