import { type Attributes, model, valueInfo } from '../formats/onnx_messages.ts';
import { type Block, interpret, type Rules } from '../nn/architecture.ts';
import { architectureOf } from '../nn/family_registry.ts';
import { torchTensors } from '../nn/state_dict.ts';
import { perChannel, type Rgb } from '../ops/augment.ts';
import type { Window } from '../ops/window.ts';
import { atSide } from './at_side.ts';
import { requireFiniteHead, type StoredHead } from './classifier_head.ts';
import type { Weights } from './encoder_weights.ts';
import { GraphBuilder } from './onnx/graph_builder.ts';
import { type Place, tokenRules } from './onnx/token_rules.ts';
import { requireFiniteWeights } from './stored_floats.ts';

/** What an ONNX file is made of. */
export interface OnnxContent {
  /** The encoder, and what pixels are brought to before it. */
  readonly weights: Pick<Weights, 'encoder' | 'tensors' | 'normalise' | 'mirror' | 'positions'>;
  /** The classifier on the encoder's features; without one the file ends at the features. */
  readonly head?: StoredHead | undefined;
  /** Side of the images, in pixels. */
  readonly imageSize: number;
  /** kindred's version. */
  readonly version: string;
}

/**
 * The network as an ONNX file (opset 17, IR version 8), for any batch size.
 *
 * Input `images` [N, 3, S, S], RGB in 0 … 1; the normalisation is part of the graph, and so is the mirror image where the
 * encoder's recipe has one. Outputs `features` [N, d], and
 * with a head `logits` [N, classes], not divided by the temperature, and `probabilities` [N, classes], the softmax of
 * the logits over the temperature. Weights keep torchvision's or timm's names; those of linear layers within a ViT are transposed,
 * and its positions are added to its class token and registers. The metadata give `classes` (JSON), `image_size`,
 * `temperature` and `kindred_version`.
 * @throws RangeError where a tensor of the encoder is missing; RunError where a number is not finite;
 *   UserError where a vision transformer's patches do not fill the side
 */
export function encodeOnnx({ weights: given, head, imageSize, version }: OnnxContent): Uint8Array {
  const weights = atSide(given, imageSize);
  const { encoder, normalise, mirror } = weights;
  const architecture = architectureOf(encoder);
  const own = torchTensors(architecture, weights.tensors);
  const graph = new GraphBuilder(own);
  requireFiniteWeights(
    'the encoder',
    Array.from(own, ([name, { data }]) => [name, data] as const),
  );
  if (head) requireFiniteHead(head);
  const channels = (value: number | Rgb) => Float32Array.from(perChannel(value));
  // Without the batch's side: with it, OpenCV 4.6 takes other channels' constants in batches of 3.
  graph.constant('pixel_mean', [3, 1, 1], channels(normalise.mean));
  graph.constant('pixel_std', [3, 1, 1], channels(normalise.std));

  graph.add('Sub', ['images', 'pixel_mean'], 'centred');
  const pixels = graph.add('Div', ['centred', 'pixel_std'], 'normalised');
  const pooled = appendAll(architecture.blocks, graph, pixels);
  if (mirror) {
    const mirrored = graph.mirrored(pixels, imageSize);
    const other = graph.again('mirrored', () => appendAll(architecture.blocks, graph, mirrored));
    graph.meanOfBoth(pooled, other);
  } else graph.add('Flatten', [pooled], 'features', { axis: 1 });
  const outputs = [valueInfo('features', ['N', architecture.featureSize])];

  if (head) {
    const count = head.classes.length;
    graph.constant('fc.weight', [count, head.weight.length / count], Float32Array.from(head.weight));
    graph.constant('fc.bias', [count], Float32Array.from(head.bias));
    graph.constant('temperature', [], Float32Array.of(head.temperature));
    const rows = head.unitLength ? graph.unitLength('features', architecture.featureSize) : 'features';
    graph.add('Gemm', [rows, 'fc.weight', 'fc.bias'], 'logits', { transB: 1 });
    graph.add('Div', ['logits', 'temperature'], 'calibrated_logits');
    graph.add('Softmax', ['calibrated_logits'], 'probabilities', { axis: 1 });
    for (const name of ['logits', 'probabilities']) outputs.push(valueInfo(name, ['N', count]));
  }
  const { nodes, initializers } = graph;
  const inputs = [valueInfo('images', ['N', 3, imageSize, imageSize])];
  return model({ name: architecture.name, nodes, initializers, inputs, outputs }, version, {
    ...(head && { classes: JSON.stringify(head.classes), temperature: String(head.temperature) }),
    image_size: String(imageSize),
    kindred_version: version,
  });
}

/** Appends the nodes of blocks that follow one another; returns the name of the last one's result. */
function appendAll(blocks: readonly Block[], graph: GraphBuilder, input: string): string {
  return blocks.reduce((x, block) => interpret(rules, block, { graph, x }), input);
}

/** The nodes of each kind of block, from what bears the name `x` to what bears the name returned. */
const rules: Rules<Place, string> = {
  ...tokenRules(appendAll),
  convolution: (block, { graph, x }) =>
    graph.add('Conv', [x, `${block.name}.weight`], block.name, windowAttributes(block)),
  batchNorm: (block, { graph, x }) => {
    const normalised = graph.batchNorm(x, block);
    return block.relu ? graph.relu(normalised) : normalised;
  },
  maxPool: (block, { graph, x }) => graph.add('MaxPool', [x], block.name, windowAttributes(block)),
  averagePool: ({ name, kernel }, { graph, x }) => {
    const windows = { kernel_shape: [kernel, kernel], strides: [kernel, kernel] };
    return graph.add('AveragePool', [x], name, { ...windows, ceil_mode: 1, count_include_pad: 0 });
  },
  globalAveragePool: ({ name }, { graph, x }) => graph.add('GlobalAveragePool', [x], name),
  subsamplePad: ({ name, stride, before, after }, { graph, x }) => {
    const list = (what: string, values: readonly number[]) => graph.integers(`${name}.${what}`, values);
    const [starts, ends] = [list('starts', [0, 0]), list('ends', [beyond, beyond])];
    const rest = [list('axes', [2, 3]), list('steps', [stride, stride])];
    const kept = graph.add('Slice', [x, starts, ends, ...rest], `${name}.subsampled`);
    // Zeros before each of the axes N, C, H, W, then behind each.
    return graph.add('Pad', [kept, list('pads', [0, before, 0, 0, 0, after, 0, 0])], name);
  },
  residual: ({ name, path, norm, shortcut }, { graph, x }) => {
    const through = graph.batchNorm(appendAll(path, graph, x), norm);
    const past = appendAll(shortcut, graph, x);
    return graph.relu(graph.add('Add', [through, past], `${name}.sum`));
  },
};

/** An end of a slice behind every side that an image can have. */
const beyond = 2 ** 31 - 1;

function windowAttributes({ kernel, stride, pad }: Window): Attributes {
  return { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
}
