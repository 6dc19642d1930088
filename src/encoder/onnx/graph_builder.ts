import { type Attributes, integers, node, tensor } from '../../formats/onnx_messages.ts';
import type { Message } from '../../formats/protobuf.ts';
import type { Norm } from '../../nn/architecture.ts';
import { normParts } from '../../nn/state_dict.ts';
import type { TorchTensor } from '../../nn/torch_layout.ts';

/** Collects nodes in the order in which they run; each method returns the name of its result. */
export class GraphBuilder {
  readonly nodes: Message[] = [];
  readonly initializers: Message[] = [];
  readonly #lists = new Set<string>();
  readonly #weights: ReadonlyMap<string, TorchTensor>;
  readonly #constants = new Set<string>();
  #mark = '';

  /** @param weights that nodes may name; those that one does are constants of the graph */
  constructor(weights: ReadonlyMap<string, TorchTensor>) {
    this.#weights = weights;
  }

  /** One of the weights. @throws RangeError where there is no such */
  weight(name: string): TorchTensor {
    const found = this.#weights.get(name);
    if (!found) throw new RangeError(`the encoder has no tensor '${name}'`);
    return found;
  }

  /** A constant, kept once; returns its name. */
  constant(name: string, shape: readonly number[], data: Float32Array): string {
    if (!this.#constants.has(name)) this.initializers.push(tensor(name, shape, data));
    this.#constants.add(name);
    return name;
  }

  /** A list of whole numbers, kept once; returns its name. */
  integers(name: string, values: readonly number[]): string {
    if (!this.#lists.has(name)) this.initializers.push(integers(name, values));
    this.#lists.add(name);
    return name;
  }

  add(opType: string, inputs: readonly string[], output: string, attributes: Attributes = {}): string {
    const name = output + this.#mark;
    for (const input of inputs) {
      const own = this.#weights.get(input);
      if (own) this.constant(input, own.shape, own.data);
    }
    this.nodes.push(node(opType, inputs, name, attributes));
    return name;
  }

  /** Some columns of rows [N, T, C]. */
  columns(x: string, name: string, first: number, end: number): string {
    return this.#slice(x, name, 2, first, end);
  }

  /** Some rows of each image's [N, T, C]. */
  rows(x: string, name: string, first: number, end: number): string {
    return this.#slice(x, name, 1, first, end);
  }

  #slice(x: string, name: string, axis: number, first: number, end: number): string {
    const bounds = [
      this.integers(`${name}.start`, [first]),
      this.integers(`${name}.end`, [end]),
      this.integers(`${name}.axis`, [axis]),
    ];
    return this.add('Slice', [x, ...bounds], name);
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
