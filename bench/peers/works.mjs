// The works that all engines do, with their inputs as plain arrays: images N×H×W×C, weights [K, K, Cin, Cout].
import { stepFlops } from '../support.mjs';

/** name → sizes; `conv` at layers of ResNet-18 of width 64 on 32-pixel images and of width 16. */
export const works = {
  'matmul 512': { kind: 'matmul', n: 512 },
  'matmul 1024': { kind: 'matmul', n: 1024 },
  ...convolution('layer1 of width 16', { batch: 32, edge: 32, inputs: 16, outputs: 16, stride: 1 }),
  ...convolution('layer1', { batch: 8, edge: 32, inputs: 64, outputs: 64, stride: 1 }),
  ...convolution('layer2.0.conv1', { batch: 8, edge: 32, inputs: 64, outputs: 128, stride: 2 }),
  ...convolution('layer4', { batch: 8, edge: 4, inputs: 512, outputs: 512, stride: 1 }),
  'nt-xent 256×128, forward + gradient': { kind: 'ntXent', views: 256, dims: 128, temperature: 0.5 },
  'simclr step, width 16, 16 pairs of 32×32': {
    kind: 'step',
    pairs: 16,
    size: 32,
    width: 16,
    projection: [128, 128],
    temperature: 0.5,
    learningRate: 0.001,
    momentum: 0.9,
  },
  'features of ResNet-18, width 64, 32 of 32×32': {
    kind: 'features',
    encoder: { depth: 18, width: 64, stem: 'cifar' },
    images: 32,
    size: 32,
  },
  'features of DINOv2-S, 7 of 224×224': {
    kind: 'features',
    encoder: { family: 'vit', patch: 14, grid: 16, layerScale: true },
    images: 7,
    size: 224,
  },
};

function convolution(layer, sizes) {
  const work = { kind: 'conv', kernel: 3, pad: 1, outEdge: sizes.edge / sizes.stride, ...sizes };
  return {
    [`conv ${layer}, forward`]: { ...work, pass: 'forward' },
    [`conv ${layer}, both gradients`]: { ...work, pass: 'gradients' },
  };
}

const filled = (length, factor) =>
  Float32Array.from({ length }, (_, i) => Math.sin(factor * i) + 0.3 * Math.cos(0.37 * i));

/** Inputs by name: { data, shape }. */
export function inputsOf(work) {
  const tensor = (factor, ...shape) => ({
    shape,
    data: filled(
      shape.reduce((product, size) => product * size, 1),
      factor,
    ),
  });
  if (work.kind === 'matmul')
    return { a: tensor(12.9898, work.n, work.n), b: tensor(78.233, work.n, work.n) };
  if (work.kind === 'ntXent') return { x: tensor(12.9898, work.views, work.dims) };
  if (work.kind === 'features') return { x: tensor(12.9898, work.images, work.size, work.size, 3) };
  if (work.kind === 'step') return { views: tensor(12.9898, 2 * work.pairs, work.size, work.size, 3) };
  const { batch, edge, outEdge, inputs, outputs, kernel } = work;
  return {
    x: tensor(12.9898, batch, edge, edge, inputs),
    w: tensor(78.233, kernel, kernel, inputs, outputs),
    dy: tensor(37.719, batch, outEdge, outEdge, outputs),
  };
}

/** Floating-point operations of a work. */
export function flopsOf(work, kindred) {
  if (work.kind === 'matmul') return 2 * work.n ** 3;
  if (work.kind === 'ntXent') return 6 * work.views ** 2 * work.dims;
  if (work.kind === 'step') {
    const encoder = { depth: 18, width: work.width, stem: 'cifar' };
    return stepFlops(kindred, { encoder, imageSize: work.size, batch: work.pairs });
  }
  if (work.kind === 'features') {
    const { architectureOf, multiplyAdds } = kindred;
    return 2 * work.images * multiplyAdds(architectureOf(work.encoder), work.size);
  }
  const { batch, outEdge, kernel, inputs, outputs, pass } = work;
  return 2 * batch * outEdge ** 2 * kernel ** 2 * inputs * outputs * (pass === 'gradients' ? 2 : 1);
}

/** ResNet-18's basic blocks by name, with the names of its tensors as all engines get them. */
export const blocks = [1, 2, 3, 4].flatMap((stage) =>
  [0, 1].map((index) => ({
    name: `layer${stage}.${index}`,
    stride: stage > 1 && index === 0 ? 2 : 1,
    downsample: stage > 1 && index === 0,
  })),
);

/** Moves the axes of an array: `axes[i]` is the place in the old shape of the new shape's axis i. */
export function transpose({ data, shape }, axes) {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, size) => product * size, 1));
  const newShape = axes.map((axis) => shape[axis]);
  const result = new Float32Array(data.length);
  const index = newShape.map(() => 0);
  for (let to = 0; to < data.length; to++) {
    result[to] = data[axes.reduce((sum, axis, i) => sum + index[i] * strides[axis], 0)];
    for (let i = index.length - 1; i >= 0 && ++index[i] === newShape[i]; i--) index[i] = 0;
  }
  return { data: result, shape: newShape };
}

/** Thrown where an engine lacks what a work needs. */
export class CannotError extends Error {}
