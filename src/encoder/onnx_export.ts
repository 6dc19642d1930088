import { type Attributes, model, node, tensor, valueInfo } from '../formats/onnx_messages.ts';
import type { Message } from '../formats/protobuf.ts';
import { basicBlocks, hasDownsample } from '../nn/resnet.ts';
import { torchTensors } from '../nn/torchvision.ts';
import { perChannel, type Rgb } from '../ops/augment.ts';
import type { Head, Weights } from './read_weights.ts';

/** What an ONNX file is made of. */
export interface OnnxContent {
  readonly weights: Weights;
  readonly head?: Head | undefined;
  /** Side of the images, in pixels. */
  readonly imageSize: number;
  /** kindred's. */
  readonly version: string;
}

/** torch.nn.BatchNorm2d's, and our own. */
const epsilon = 1e-5;

/**
 * The network as an ONNX file (opset 17, IR version 8), for any batch size.
 *
 * Input `images` [N, 3, S, S], RGB in 0 … 1; the normalisation is part of the graph. Outputs `features` [N, d], and with
 * a head `logits` [N, classes], not divided by the temperature, and `probabilities` [N, classes], the softmax of the
 * logits over the temperature. Weights keep torchvision's names. The metadata give `classes` (JSON), `image_size`,
 * `temperature` and `kindred_version`.
 */
export function encodeOnnx({ weights, head, imageSize, version }: OnnxContent): Uint8Array {
  const { encoder, normalise } = weights;
  const graph = new GraphBuilder();
  for (const [name, { shape, data }] of torchTensors(encoder, weights.tensors))
    graph.constant(name, shape, data);
  const channels = (value: number | Rgb) => Float32Array.from(perChannel(value));
  graph.constant('pixel_mean', [1, 3, 1, 1], channels(normalise.mean));
  graph.constant('pixel_std', [1, 3, 1, 1], channels(normalise.std));

  graph.add('Sub', ['images', 'pixel_mean'], 'centred');
  let x = graph.add('Div', ['centred', 'pixel_std'], 'normalised');
  const large = encoder.stem === 'imagenet';
  x = graph.convolution(x, 'conv1', { kernel: large ? 7 : 3, stride: large ? 2 : 1 });
  x = graph.relu(graph.batchNorm(x, 'bn1'));
  if (large) x = graph.add('MaxPool', [x], 'maxpool', window(3, 2));
  for (const block of basicBlocks(encoder)) {
    const { name, stride } = block;
    let y = graph.convolution(x, `${name}.conv1`, { kernel: 3, stride });
    y = graph.relu(graph.batchNorm(y, `${name}.bn1`));
    y = graph.convolution(y, `${name}.conv2`, { kernel: 3, stride: 1 });
    y = graph.batchNorm(y, `${name}.bn2`);
    if (hasDownsample(block)) {
      x = graph.convolution(x, `${name}.downsample.0`, { kernel: 1, stride });
      x = graph.batchNorm(x, `${name}.downsample.1`);
    }
    x = graph.relu(graph.add('Add', [y, x], `${name}.sum`));
  }
  x = graph.add('GlobalAveragePool', [x], 'avgpool');
  graph.add('Flatten', [x], 'features', { axis: 1 });
  const outputs = [valueInfo('features', ['N', 8 * encoder.width])];

  if (head) {
    const count = head.classes.length;
    graph.constant('fc.weight', [count, head.weight.length / count], head.weight);
    graph.constant('fc.bias', [count], head.bias);
    graph.constant('temperature', [], Float32Array.of(head.temperature));
    graph.add('Gemm', ['features', 'fc.weight', 'fc.bias'], 'logits', { transB: 1 });
    graph.add('Div', ['logits', 'temperature'], 'calibrated_logits');
    graph.add('Softmax', ['calibrated_logits'], 'probabilities', { axis: 1 });
    for (const name of ['logits', 'probabilities']) outputs.push(valueInfo(name, ['N', count]));
  }
  const { nodes, initializers } = graph;
  const inputs = [valueInfo('images', ['N', 3, imageSize, imageSize])];
  return model({ name: `resnet${encoder.depth}`, nodes, initializers, inputs, outputs }, version, {
    ...(head && { classes: JSON.stringify(head.classes), temperature: String(head.temperature) }),
    image_size: String(imageSize),
    kindred_version: version,
  });
}

/** Collects nodes in the order in which they run; each method returns the name of its result. */
class GraphBuilder {
  readonly nodes: Message[] = [];
  readonly initializers: Message[] = [];

  constant(name: string, shape: readonly number[], data: Float32Array): void {
    this.initializers.push(tensor(name, shape, data));
  }

  add(opType: string, inputs: readonly string[], output: string, attributes: Attributes = {}): string {
    this.nodes.push(node(opType, inputs, output, attributes));
    return output;
  }

  convolution(x: string, name: string, { kernel, stride }: { kernel: number; stride: number }): string {
    return this.add('Conv', [x, `${name}.weight`], name, window(kernel, stride));
  }

  batchNorm(x: string, name: string): string {
    const parts = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${name}.${part}`);
    return this.add('BatchNormalization', [x, ...parts], name, { epsilon: { float: epsilon } });
  }

  relu(x: string): string {
    return this.add('Relu', [x], `${x}.relu`);
  }
}

/** A square window, padded to keep the side at stride 1. */
function window(kernel: number, stride: number): Attributes {
  const pad = (kernel - 1) / 2;
  return { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
}
