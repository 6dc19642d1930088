// TensorFlow.js on its WebGPU backend. In Node the union package is needed: tfjs-core alone registers no gradients.
import { createRequire } from 'node:module';
import { blocks } from './works.mjs';

export async function open({ wait, devices }) {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs');
  require('@tensorflow/tfjs-backend-webgpu');
  const before = devices.length;
  if (!(await tf.setBackend('webgpu'))) throw new Error('its WebGPU backend did not start');
  await tf.ready();
  const [device] = devices.slice(before);
  const backend = tf.backend();
  const tensor = ({ data, shape }) => tf.tensor(data, shape);
  /** `body` makes tensors; they are waited for and freed. */
  const prepared = (body) => ({
    async run() {
      const results = tf.tidy(body);
      backend.endComputePassEncoder();
      if (backend.commandEncoder) backend.submitQueue();
      await wait(device.queue.onSubmittedWorkDone());
      tf.dispose(results);
    },
    async values() {
      const results = tf.tidy(body);
      const arrays = [];
      for (const result of results) arrays.push(await wait(result.data()));
      tf.dispose(results);
      return arrays;
    },
  });

  const matmul = (_, inputs) => {
    const [a, b] = [tensor(inputs.a), tensor(inputs.b)];
    return prepared(() => [tf.matMul(a, b)]);
  };

  const conv = ({ stride, pad, pass }, inputs) => {
    const [x, w, dy] = [tensor(inputs.x), tensor(inputs.w), tensor(inputs.dy)];
    const forward = (images, weights) => tf.conv2d(images, weights, stride, pad);
    if (pass === 'forward') return prepared(() => [forward(x, w)]);
    const gradients = tf.grads(forward);
    return prepared(() => gradients([x, w], dy));
  };

  const ntXent = ({ temperature }, inputs) => {
    const x = tensor(inputs.x);
    const gradient = tf.valueAndGrad((views) => loss(views, temperature));
    return prepared(() => {
      const { value, grad } = gradient(x);
      return [value, grad];
    });
  };

  function loss(views, temperature) {
    const rows = views.shape[0];
    const z = views.div(tf.norm(views, 2, 1, true));
    const similarities = tf.matMul(z, z, false, true).div(temperature).sub(tf.eye(rows).mul(1e9));
    const partners = tf.concat([z.slice([rows / 2, 0]), z.slice([0, 0], [rows / 2, -1])]);
    const positives = z.mul(partners).sum(1).div(temperature);
    return tf.logSumExp(similarities, 1).sub(positives).mean();
  }

  const step = ({ temperature, learningRate, momentum }, inputs, weights) => {
    const views = tensor(inputs.views);
    const p = Object.fromEntries(
      Object.entries(weights).map(([name, value]) => [name, tf.variable(tensor(value))]),
    );
    const norm = (x, name) => {
      const axes = x.shape.slice(1).map((_, i) => i);
      const { mean, variance } = tf.moments(x, axes);
      return tf.batchNorm(x, mean, variance, p[`${name}.bias`], p[`${name}.weight`], 1e-5);
    };
    const conv3 = (x, name, stride) => tf.conv2d(x, p[`${name}.weight`], stride, 1);
    const block = (x, { name, stride, downsample }) => {
      const first = tf.relu(norm(conv3(x, `${name}.conv1`, stride), `${name}.bn1`));
      const second = norm(conv3(first, `${name}.conv2`, 1), `${name}.bn2`);
      const shortcut = downsample
        ? norm(tf.conv2d(x, p[`${name}.downsample.0.weight`], stride, 0), `${name}.downsample.1`)
        : x;
      return tf.relu(second.add(shortcut));
    };
    const encode = () => {
      const opened = tf.relu(norm(conv3(views, 'conv1', 1), 'bn1'));
      return blocks.reduce(block, opened).mean([1, 2]);
    };
    const head = (h) => {
      const hidden = tf.relu(norm(tf.matMul(h, p['projector.0.weight']), 'projector.1'));
      return tf.matMul(hidden, p['projector.3.weight']).add(p['projector.3.bias']);
    };
    const optimizer = tf.train.momentum(learningRate, momentum);
    const minimise = () => [optimizer.minimize(() => loss(head(encode()), temperature), true)];
    const { run, values } = prepared(minimise);
    return {
      run,
      values: async () => [
        Float32Array.from([...(await values()), ...(await values())].flatMap((a) => [...a])),
      ],
    };
  };

  return { name: 'TensorFlow.js WebGPU', version: tf.version.tfjs, prepare: { matmul, conv, ntXent, step } };
}
