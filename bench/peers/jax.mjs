// jax-js on its WebGPU backend; images N×C×H×W and weights [Cout, Cin, K, K] are what it takes.
import { readFileSync } from 'node:fs';
import { blocks, transpose } from './works.mjs';

const toImages = [0, 3, 1, 2];
const fromImages = [0, 2, 3, 1];
const toWeights = [3, 2, 0, 1];
const fromWeights = [2, 3, 1, 0];

export async function open({ wait }) {
  const jax = await import('@jax-js/jax');
  const { numpy: np, lax, nn } = jax;
  if (!(await wait(jax.init('webgpu'))).includes('webgpu'))
    throw new Error('its WebGPU backend did not start');
  jax.defaultDevice('webgpu');
  const array = ({ data, shape }) => np.array(data).reshape(shape);
  const ready = (result) => wait(jax.blockUntilReady(result));
  const dispose = (results) => {
    for (const result of results) result.dispose();
  };
  /** `body` gives an array of arrays; `axes` bring each to the common layout. */
  const prepared = (body, axes = []) => ({
    async run() {
      const results = body();
      await ready(results);
      dispose(results);
    },
    async values() {
      const arrays = [];
      for (const [i, result] of body().entries()) {
        const { shape } = result;
        const data = await wait(result.data());
        arrays.push(axes[i] ? transpose({ data, shape }, axes[i]).data : data);
      }
      return arrays;
    },
  });

  const matmul = async (_, inputs) => {
    const [a, b] = [array(inputs.a), array(inputs.b)];
    await ready([a, b]);
    const multiply = jax.jit((x, y) => [np.matmul(x, y)]);
    return prepared(() => multiply(a.ref, b.ref));
  };

  const convolve = (x, w, stride, pad) =>
    lax.convGeneralDilated(
      x,
      w,
      [stride, stride],
      [
        [pad, pad],
        [pad, pad],
      ],
    );

  const conv = async ({ stride, pad, pass }, inputs) => {
    const x = array(transpose(inputs.x, toImages));
    const w = array(transpose(inputs.w, toWeights));
    const dy = array(transpose(inputs.dy, toImages));
    await ready([x, w, dy]);
    if (pass === 'forward') {
      const forward = jax.jit((images, weights) => [convolve(images, weights, stride, pad)]);
      return prepared(() => forward(x.ref, w.ref), [fromImages]);
    }
    const gradients = jax.jit((images, weights, g) => {
      const [y, pull] = jax.vjp((i, k) => convolve(i, k, stride, pad), [images, weights]);
      y.dispose();
      const result = pull(g);
      pull.dispose();
      return result;
    });
    return prepared(() => gradients(x.ref, w.ref, dy.ref), [fromImages, fromWeights]);
  };

  const loss = (views, temperature) => {
    const rows = views.shape[0];
    const norms = np.sqrt(np.sum(np.square(views.ref), 1, { keepdims: true }));
    const z = views.div(norms);
    const logits = np
      .matmul(z.ref, np.transpose(z.ref))
      .mul(1 / temperature)
      .sub(np.eye(rows).mul(1e9));
    const [first, second] = np.split(z.ref, 2, 0);
    const positives = np.sum(z.mul(np.concatenate([second, first], 0)), 1).mul(1 / temperature);
    return np.mean(nn.logsumexp(logits, 1).sub(positives));
  };

  const ntXent = async ({ temperature }, inputs) => {
    const x = array(inputs.x);
    await ready([x]);
    const gradient = jax.jit(jax.valueAndGrad((views) => loss(views, temperature)));
    return prepared(() => gradient(x.ref));
  };

  const step = async ({ temperature, learningRate, momentum }, inputs, weights) => {
    const views = array(transpose(inputs.views, toImages));
    let p = Object.fromEntries(
      Object.entries(weights).map(([name, value]) => [
        name,
        array(value.shape.length === 4 ? transpose(value, toWeights) : value),
      ]),
    );
    let m = Object.fromEntries(Object.entries(p).map(([name, value]) => [name, np.zeros(value.shape)]));
    await ready([views, ...Object.values(p), ...Object.values(m)]);
    const update = jax.jit((parameters, momenta, images) => {
      const objective = (tree) => loss(project(tree, images.ref), temperature);
      const [value, gradients] = jax.valueAndGrad(objective)(jax.tree.ref(parameters));
      images.dispose();
      const newMomenta = {};
      const newParameters = {};
      for (const name of Object.keys(parameters)) {
        const moved = momenta[name].mul(momentum).add(gradients[name]);
        newMomenta[name] = moved.ref;
        newParameters[name] = parameters[name].sub(moved.mul(learningRate));
      }
      return [value, newParameters, newMomenta];
    });
    const once = async () => {
      const [value, newParameters, newMomenta] = update(p, m, views.ref);
      p = newParameters;
      m = newMomenta;
      await ready([value, ...Object.values(p)]);
      return value;
    };
    return {
      run: async () => (await once()).dispose(),
      async values() {
        const losses = [];
        for (let i = 0; i < 2; i++) losses.push((await wait((await once()).data()))[0]);
        return [Float32Array.from(losses)];
      },
    };
  };

  /** Uses up its arguments, each tensor once. */
  function project(p, images) {
    const norm = (x, name) => {
      const axes = x.shape.length === 4 ? [0, 2, 3] : [0];
      const shape = x.shape.length === 4 ? [1, -1, 1, 1] : [1, -1];
      const mean = np.mean(x.ref, axes, { keepdims: true });
      const centred = x.sub(mean);
      const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
      const scaled = centred.div(np.sqrt(variance.add(1e-5)));
      return scaled.mul(p[`${name}.weight`].reshape(shape)).add(p[`${name}.bias`].reshape(shape));
    };
    const conv3 = (x, name, stride) => convolve(x, p[`${name}.weight`], stride, 1);
    const opened = nn.relu(norm(conv3(images, 'conv1', 1), 'bn1'));
    const features = blocks.reduce((x, { name, stride, downsample }) => {
      const first = nn.relu(norm(conv3(x.ref, `${name}.conv1`, stride), `${name}.bn1`));
      const second = norm(conv3(first, `${name}.conv2`, 1), `${name}.bn2`);
      const shortcut = downsample
        ? norm(convolve(x, p[`${name}.downsample.0.weight`], stride, 0), `${name}.downsample.1`)
        : x;
      return nn.relu(second.add(shortcut));
    }, opened);
    const h = np.mean(features, [2, 3]);
    const hidden = nn.relu(norm(np.matmul(h, p['projector.0.weight']), 'projector.1'));
    return np.matmul(hidden, p['projector.3.weight']).add(p['projector.3.bias']);
  }

  const manifest = new URL('./node_modules/@jax-js/jax/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  return { name: 'jax-js WebGPU', version, prepare: { matmul, conv, ntXent, step } };
}
