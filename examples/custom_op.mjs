// An op of your own with its gradient: SiLU, y = x·σ(x), as WGSL. Its gradient is checked against differences.
//   node examples/custom_op.mjs
import { apply, backward, Engine, linearGrid, matmul } from 'kindred';

const source = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn sigmoid(v: f32) -> f32 { return 1 / (1 + exp(-v)); }

@compute @workgroup_size(64)
fn silu(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&y)) { y[id.x] = x[id.x] * sigmoid(x[id.x]); }
}

@compute @workgroup_size(64)
fn silu_gradient(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&y)) { return; }
  let s = sigmoid(x[id.x]);
  y[id.x] = dy[id.x] * s * (1 + x[id.x] * (1 - s));
}`;
const [x, dy] = ['x', 'dy'].map((name, binding) => ({ name, binding, type: 'read-only-storage' }));
const y = { name: 'y', binding: 2, type: 'storage' };
const shader = { name: 'silu', source, entries: { silu: [x, y], silu_gradient: [x, dy, y] } };
const launch = (entry, { size }) => ({ shader, entry, grid: linearGrid(Math.ceil(size / 64)) });

const siluOp = {
  name: 'silu',
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  forward: (run, [x], [y]) => run.dispatch(launch('silu', x), { x, y }),
  backward(run, { inputs: [x] }, [dy], [dx]) {
    if (dx) run.dispatch(launch('silu_gradient', x), { x, dy, y: dx });
  },
  tolerance: 1e-6,
};

const engine = await Engine.create();
const parameters = engine.parameters();
const values = Float32Array.of(-3, -1, -0.1, 0, 0.1, 1, 2, 4);
const weight = parameters.trainable('weight', [1, values.length], () => values, { decay: false });
const ones = engine.input([values.length, 1], 'f32', new Float32Array(values.length).fill(1));
const program = await engine.compile(() => {
  const sum = matmul(apply(siluOp, [weight], null), ones);
  backward(sum);
  return { sum };
});
program.run();
const [gradient] = await engine.read({ storage: weight.gradient, dtype: 'f32' });
const silu = (v) => v / (1 + Math.exp(-v));
const expected = values.map((v) => (silu(v + 1e-4) - silu(v - 1e-4)) / 2e-4);
const difference = Math.max(...gradient.map((value, i) => Math.abs(value - expected[i])));
console.log(
  `gradient ${[...gradient].map((value) => value.toFixed(4)).join(' ')}; off by ${difference.toExponential(1)}`,
);
engine.destroy();
