import { type Attributes, integers, model, node, tensor, valueInfo } from '../formats/onnx_messages.ts';
import type { Message } from '../formats/protobuf.ts';
import { type Block, interpret, type Norm, type Rules } from '../nn/architecture.ts';
import { architectureOf } from '../nn/family_registry.ts';
import { normParts, torchTensors } from '../nn/state_dict.ts';
import { perChannel, type Rgb } from '../ops/augment.ts';
import type { Window } from '../ops/window.ts';
import { requireFiniteHead, type StoredHead } from './classifier_head.ts';
import type { Weights } from './encoder_weights.ts';
import { requireFiniteWeights } from './stored_floats.ts';

/** What an ONNX file is made of. */
export interface OnnxContent {
  /** The encoder, and what pixels are brought to before it. */
  readonly weights: Pick<Weights, 'encoder' | 'tensors' | 'normalise' | 'mirror'>;
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
 * the logits over the temperature. Weights keep torchvision's names. The metadata give `classes` (JSON), `image_size`,
 * `temperature` and `kindred_version`.
 * @throws RangeError where a tensor of the encoder is missing; RunError where a number is not finite
 */
export function encodeOnnx({ weights, head, imageSize, version }: OnnxContent): Uint8Array {
  const { encoder, normalise, mirror } = weights;
  const architecture = architectureOf(encoder);
  const graph = new GraphBuilder();
  const own = torchTensors(architecture, weights.tensors);
  requireFiniteWeights(
    'the encoder',
    Array.from(own, ([name, { data }]) => [name, data] as const),
  );
  if (head) requireFiniteHead(head);
  for (const [name, { shape, data }] of own) graph.constant(name, shape, data);
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
const appendAll = (blocks: readonly Block[], graph: GraphBuilder, input: string): string =>
  blocks.reduce((x, block) => interpret(rules, block, { graph, x }), input);

/** The nodes of each kind of block, from what bears the name `x` to what bears the name returned. */
const rules: Rules<{ readonly graph: GraphBuilder; readonly x: string }, string> = {
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

/** Collects nodes in the order in which they run; each method returns the name of its result. */
class GraphBuilder {
  readonly nodes: Message[] = [];
  readonly initializers: Message[] = [];
  readonly #lists = new Set<string>();
  #mark = '';

  constant(name: string, shape: readonly number[], data: Float32Array): void {
    this.initializers.push(tensor(name, shape, data));
  }

  /** A list of whole numbers, kept once; returns its name. */
  integers(name: string, values: readonly number[]): string {
    if (!this.#lists.has(name)) this.initializers.push(integers(name, values));
    this.#lists.add(name);
    return name;
  }

  add(opType: string, inputs: readonly string[], output: string, attributes: Attributes = {}): string {
    const name = output + this.#mark;
    this.nodes.push(node(opType, inputs, name, attributes));
    return name;
  }

  batchNorm(x: string, { name, epsilon }: Norm): string {
    const parts = normParts.map((part) => `${name}.${part}`);
    return this.add('BatchNormalization', [x, ...parts], name, { epsilon: { float: epsilon } });
  }

  /**
   * Rows [N, d] over their Euclidean length, √(Σ x² + 2⁻¹²⁶), where the least normal float32 leaves a row of zeros as it
   * is. Sums and repetitions are products with ones: OpenCV 4.6 loses the batch in `ReduceL2`, and divides rows only by as
   * many numbers.
   */
  unitLength(x: string, columns: number): string {
    const ones = new Float32Array(columns).fill(1);
    this.constant('ones_column', [columns, 1], ones);
    this.constant('ones_row', [1, columns], ones);
    this.constant('least_square', [1], Float32Array.of(2 ** -126));
    const squares = this.add('Mul', [x, x], `${x}.squares`);
    const sum = this.add('MatMul', [squares, 'ones_column'], `${x}.square_sum`);
    const length = this.add('Sqrt', [this.add('Add', [sum, 'least_square'], `${x}.square`)], `${x}.length`);
    const divisors = this.add('MatMul', [length, 'ones_row'], `${x}.divisors`);
    return this.add('Div', [x, divisors], `${x}.unit_length`);
  }

  /**
   * Images [N, 3, S, S] with their columns in reverse. The product with a permutation is exact; OpenCV 4.6 reads neither a
   * `Gather` of several columns nor a `Slice` backwards.
   */
  mirrored(x: string, side: number): string {
    const reversal = new Float32Array(side * side);
    for (let column = 0; column < side; column++) reversal[(column + 1) * (side - 1)] = 1;
    this.constant('reversal_of_columns', [side, side], reversal);
    return this.add('MatMul', [x, 'reversal_of_columns'], 'mirrored');
  }

  /** Adds nodes that there are already, on another input, under names with `mark`; they share the weights. */
  again(mark: string, append: () => string): string {
    this.#mark = `.${mark}`;
    const result = append();
    this.#mark = '';
    return result;
  }

  /** The mean `features` [N, d] of two pooled features [N, d, 1, 1]. */
  meanOfBoth(a: string, b: string): string {
    const sum = this.add('Flatten', [this.add('Add', [a, b], 'sum_of_both')], 'flat_sum_of_both', {
      axis: 1,
    });
    this.constant('half', [1], Float32Array.of(0.5));
    return this.add('Mul', [sum, 'half'], 'features');
  }

  relu(x: string): string {
    return this.add('Relu', [x], `${x}.relu`);
  }
}

function windowAttributes({ kernel, stride, pad }: Window): Attributes {
  return { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
}
