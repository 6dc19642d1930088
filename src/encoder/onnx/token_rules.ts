import type { Block, Rules } from '../../nn/architecture.ts';
import { fromTorch } from '../../nn/torch_layout.ts';
import type { GraphBuilder } from './graph_builder.ts';

/** Where nodes are appended. */
export interface Place {
  /** The graph. */
  readonly graph: GraphBuilder;
  /** The name of what the nodes start from. */
  readonly x: string;
}

type TokenKinds = 'patchTokens' | 'layerNorm' | 'linear' | 'gelu' | 'selfAttention' | 'branch' | 'tokenPool';

/** An end of a slice behind every row that there can be. */
const beyond = 2 ** 31 - 1;

/**
 * The nodes of a vision transformer's blocks. A size of 0 in a `Reshape` is that of its input, so that the batch may be of
 * any size.
 * @param appendAll appends blocks that follow one another
 */
export function tokenRules(
  appendAll: (blocks: readonly Block[], graph: GraphBuilder, x: string) => string,
): Pick<Rules<Place, string>, TokenKinds> {
  return {
    patchTokens({ patch, grid, registers, placed, channels }, { graph, x }) {
      const name = 'patch_embed';
      const squares = { kernel_shape: [patch, patch], strides: [patch, patch], pads: [0, 0, 0, 0] };
      const proj = [`${name}.proj.weight`, `${name}.proj.bias`];
      const map = graph.add('Conv', [x, ...proj], `${name}.proj`, squares);
      const shape = graph.integers(`${name}.shape`, [0, channels, grid ** 2]);
      const columns = graph.add('Reshape', [map, shape], `${name}.columns`);
      const rows = graph.add('Transpose', [columns], `${name}.rows`, { perm: [0, 2, 1] });
      // Rows of zeros in front, so that one constant has the class token, the registers and all positions.
      const pads = graph.integers('tokens.pads', [0, 1 + registers, 0, 0, 0, 0]);
      const padded = graph.add('Pad', [rows, pads], 'tokens.padded');
      const count = 1 + registers + grid ** 2;
      graph.constant(
        'tokens.constant',
        [1, count, channels],
        tokenConstant(graph, registers, placed, channels),
      );
      return graph.add('Add', [padded, 'tokens.constant'], 'tokens');
    },
    layerNorm: ({ name, epsilon }, { graph, x }) =>
      graph.add('LayerNormalization', [x, `${name}.weight`, `${name}.bias`], name, {
        axis: 2,
        epsilon: { float: epsilon },
      }),
    linear({ name, inputs, outputs, bias }, { graph, x }) {
      const weight = graph.weight(`${name}.weight`);
      const transposed = graph.constant(
        `${name}.weight.transposed`,
        [inputs, outputs],
        Float32Array.from(fromTorch(weight)),
      );
      const product = graph.add('MatMul', [x, transposed], `${name}.product`);
      return bias ? graph.add('Add', [product, `${name}.bias`], name) : product;
    },
    gelu({ name }, { graph, x }) {
      graph.constant('root_of_half', [1], Float32Array.of(Math.SQRT1_2));
      graph.constant('one', [1], Float32Array.of(1));
      graph.constant('half', [1], Float32Array.of(0.5));
      const erf = graph.add('Erf', [graph.add('Mul', [x, 'root_of_half'], `${name}.scaled`)], `${name}.erf`);
      const twice = graph.add('Mul', [x, graph.add('Add', [erf, 'one'], `${name}.sum`)], `${name}.twice`);
      return graph.add('Mul', [twice, 'half'], name);
    },
    selfAttention({ name, heads, channels }, { graph, x }) {
      const size = channels / heads;
      const part = (what: string, index: number, perm: readonly number[]) => {
        const rows = graph.columns(x, `${name}.${what}`, index * channels, (index + 1) * channels);
        const shape = graph.integers(`${name}.heads`, [0, 0, heads, size]);
        const dealt = graph.add('Reshape', [rows, shape], `${name}.${what}.heads`);
        return graph.add('Transpose', [dealt], `${name}.${what}.by_head`, { perm });
      };
      const query = part('query', 0, [0, 2, 1, 3]);
      const key = part('key', 1, [0, 2, 3, 1]);
      const value = part('value', 2, [0, 2, 1, 3]);
      graph.constant(`${name}.scale`, [1], Float32Array.of(1 / Math.sqrt(size)));
      const scaled = graph.add('Mul', [query, `${name}.scale`], `${name}.query.scaled`);
      const scores = graph.add('MatMul', [scaled, key], `${name}.scores`);
      const weights = graph.add('Softmax', [scores], `${name}.weights`, { axis: 3 });
      const seen = graph.add('MatMul', [weights, value], `${name}.seen`);
      const back = graph.add('Transpose', [seen], `${name}.by_token`, { perm: [0, 2, 1, 3] });
      return graph.add('Reshape', [back, graph.integers(`${name}.channels`, [0, 0, channels])], name);
    },
    branch({ name, path, scale }, { graph, x }) {
      const through = appendAll(path, graph, x);
      const weighed = scale ? graph.add('Mul', [through, `${scale.name}.gamma`], scale.name) : through;
      return graph.add('Add', [x, weighed], `${name}.sum`);
    },
    tokenPool({ name, leading, pooling }, { graph, x }) {
      const classRow = () =>
        graph.add('Flatten', [graph.rows(x, `${name}.class_row`, 0, 1)], `${name}.class`, { axis: 1 });
      const mean = () => {
        const patches = graph.rows(x, `${name}.patches`, leading, beyond);
        return graph.add('ReduceMean', [patches], `${name}.mean`, { axes: [1], keepdims: 0 });
      };
      if (pooling === 'class') return classRow();
      if (pooling === 'mean') return mean();
      return graph.add('Concat', [classRow(), mean()], name, { axis: 1 });
    },
  };
}

/** Class token and registers, then zeros for the patches, with all positions; sums in f32 as the engine's. */
function tokenConstant(
  graph: GraphBuilder,
  registers: number,
  placed: number,
  channels: number,
): Float32Array {
  const positions = graph.weight('pos_embed').data;
  const own = [graph.weight('cls_token').data, ...(registers > 0 ? [graph.weight('reg_token').data] : [])];
  const leading = Float32Array.from(own.flatMap((data) => [...data]));
  const placedPart = positions.subarray(0, placed * channels);
  placedPart.forEach((value, i) => {
    leading[i]! += value;
  });
  const constant = new Float32Array(leading.length + positions.length - placedPart.length);
  constant.set(leading);
  constant.set(positions.subarray(placedPart.length), leading.length);
  return constant;
}
