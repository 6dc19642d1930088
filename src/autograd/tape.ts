import { ShapeError } from '../errors.ts';
import type { Capabilities } from '../gpu/device.ts';
import type { Launch } from '../gpu/launch.ts';
import { Recording } from '../gpu/recording.ts';
import type { Storage } from '../gpu/storage.ts';
import { accumulate, fill } from '../kernels/elementwise.ts';
import type { Choices, KernelContext } from '../kernels/tuning/choices.ts';
import type { AnyOp, Application, BackwardOptions, HostWork, Op, Run } from './op.ts';
import type { Ranks } from './ranks.ts';
import {
  bytesOf,
  type DType,
  floatType,
  requireShapes,
  type Shape,
  Tensor,
  type TensorSpec,
} from './tensor.ts';

export type { AnyOp, Application, BackwardOptions, HostWork, Op, Run } from './op.ts';

interface Node {
  readonly op: AnyOp;
  readonly applied: Application<unknown, unknown>;
}

/** Records the kernels of a forward pass, and which op made which tensor; walks back over them for the gradients. */
export class Tape implements Run {
  /** What the adapter is and offers. */
  readonly capabilities: Capabilities;
  /** Which kernels were found to be the fastest here. */
  readonly choices: Choices;
  /** The processes that share each batch of this program; undefined where it has them for itself. */
  readonly ranks: Ranks | undefined;
  /** The kernel calls so far. */
  readonly recording = new Recording();
  /** The whole program evaluates: no kernel call of it changes a parameter. */
  evaluation = false;
  /** Batch norm takes the batch's statistics and updates the running ones. */
  training = true;
  /** Whether training batch norm moves the running statistics. */
  movingStatistics = true;
  /** Whether ops are remembered for a backward walk. */
  gradients = true;
  readonly #nodes: Node[] = [];
  readonly #touched = new Set<Tensor>();

  constructor({ capabilities, choices }: KernelContext, ranks?: Ranks) {
    this.capabilities = capabilities;
    this.choices = choices;
    this.ranks = ranks;
  }

  /** Records a kernel call. @param tensors by the WGSL names of its bindings */
  dispatch(launch: Launch, tensors: Readonly<Record<string, Tensor>>): void {
    this.recording.dispatch(launch, storagesOf(tensors));
  }

  /** Records work of the host behind the kernel calls so far. @param tensors that it reads or writes */
  host(tensors: readonly Tensor[], work: HostWork): void {
    this.recording.host(
      tensors.map(({ storage }) => storage),
      work,
    );
  }

  /** A tensor without a gradient, whose memory others share outside its use. @param label for error messages */
  temporary(label: string, shape: Shape, dtype: DType = 'f32'): Tensor {
    return this.#tensor(label, { shape, dtype }, false);
  }

  /**
   * Records an op. @returns its outputs, new tensors of the shapes that it infers
   * @throws ShapeError where the inputs' types or shapes do not fit
   */
  apply<Attributes, Saved>(
    op: Op<Attributes, Saved>,
    inputs: readonly Tensor[],
    attributes: Attributes,
  ): Tensor[] {
    const types = expectedTypes(op, inputs);
    const typed = inputs.every((input, i) => input.dtype === types[i]);
    requireShapes(op.name, inputs, typed, `inputs of type ${types.join(', ')}`);
    const specs = op.infer(inputs, attributes);
    const differentiable = this.gradients && inputs.some((input) => input.requiresGrad);
    const outputs = specs.map((spec) => this.#tensor(op.name, spec, differentiable));
    const saved = op.forward(this, inputs, outputs, attributes);
    if (differentiable) this.#nodes.push({ op, applied: { inputs, outputs, attributes, saved } });
    return outputs;
  }

  /**
   * Appends the gradient kernels of a scalar loss, or of an output whose gradient is given. Each parameter's gradient
   * lands in its own storage; where a tensor is used more than once the contributions add up in the order of the walk.
   * @throws ShapeError where the loss is no scalar or the gradient given of another shape; Error where the loss depends
   *   on no parameter or, unless they accumulate, on one that an earlier `backward` reached
   */
  backward(loss: Tensor, { gradient, accumulate = false }: BackwardOptions = {}): void {
    if (!gradient && loss.size !== 1)
      throw new ShapeError(`backward: the loss must be one number, not ${loss.describe()}`);
    if (gradient && gradient.describe() !== loss.describe())
      throw new ShapeError(`backward: the gradient of ${loss.describe()} cannot be ${gradient.describe()}`);
    if (!loss.requiresGrad) throw new Error('backward: the loss depends on no trainable parameter');
    const earlier = accumulate ? new Set<Tensor>() : new Set(this.#touched);
    const gradients = accumulate ? this.#existingGradients() : new Map<Tensor, Tensor>();
    gradients.set(loss, gradient ?? this.#ones(loss.shape));
    for (const { op, applied } of this.#nodes.toReversed()) {
      const outputs = applied.outputs.map((output) => gradients.get(output));
      if (outputs.every((gradient) => gradient === undefined)) continue;
      const targets = applied.inputs.map((input, i) => {
        if (!input.requiresGrad) return undefined;
        if (earlier.has(input)) {
          const name = input.storage.label;
          throw new Error(
            `backward: an earlier call wrote the gradient of '${name}': add the losses instead`,
          );
        }
        const sum = gradients.get(input);
        const first = applied.inputs.indexOf(input) === i;
        if (sum && first && op.accumulates?.includes(i)) return sum;
        // A parameter's first contribution goes straight to its gradient; every other one to a tensor of its own.
        return input.gradient && first && !sum
          ? new Tensor(input, input.gradient)
          : this.temporary(`gradient in ${op.name}`, input.shape, input.dtype);
      });
      const adds = targets.map(
        (target, i) => target !== undefined && target === gradients.get(applied.inputs[i]!),
      );
      op.backward(this, applied, outputs, targets, adds);
      applied.inputs.forEach((input, i) => {
        const target = targets[i];
        if (target && !adds[i]) this.#add(input, target, gradients);
        if (target && input.gradient) this.#touched.add(input);
      });
    }
  }

  /** Whether `backward` wrote this parameter's gradient. */
  reached(parameter: Tensor): boolean {
    return this.#touched.has(parameter);
  }

  #tensor(label: string, spec: TensorSpec, requiresGrad: boolean): Tensor {
    return new Tensor(spec, this.recording.plan(label, bytesOf(spec.shape, spec.dtype)), requiresGrad);
  }

  /** The gradient of a scalar loss. */
  #ones(shape: Shape): Tensor {
    const seed = this.temporary('gradient of the loss', shape);
    this.dispatch(fill(1, 1), { y: seed });
    return seed;
  }

  /** What lies in the gradients of all parameters that ops took: contributions are added to it. */
  #existingGradients(): Map<Tensor, Tensor> {
    const parameters = this.#nodes.flatMap(({ applied }) => applied.inputs.filter((input) => input.gradient));
    return new Map(parameters.map((parameter) => [parameter, new Tensor(parameter, parameter.gradient!)]));
  }

  #add(input: Tensor, contribution: Tensor, gradients: Map<Tensor, Tensor>): void {
    const sum = gradients.get(input);
    if (sum) {
      this.dispatch(accumulate(input.size, floatType(input)), { x: contribution, y: sum });
    } else {
      gradients.set(input, contribution);
    }
  }
}

/** The storages of tensors, by the same names. */
export const storagesOf = (tensors: Readonly<Record<string, Tensor>>): Record<string, Storage> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.storage]));

function expectedTypes(op: AnyOp, inputs: readonly Tensor[]): DType[] {
  const [first] = op.activations ?? [];
  const activation = first !== undefined && inputs[first]!.dtype === 'f16' ? 'f16' : 'f32';
  return inputs.map((_, i) =>
    op.integers?.includes(i) ? 'u32' : op.activations?.includes(i) ? activation : 'f32',
  );
}

let current: Tape | undefined;

/** The tape that ops record on. @throws Error outside `engine.compile` */
export function currentTape(): Tape {
  if (!current) throw new Error('ops record a program: call them inside engine.compile(() => …)');
  return current;
}

/** Runs `body` with ops recording on the tape. @throws Error inside another recording */
export function withTape<T>(tape: Tape, body: () => T): T {
  if (current) throw new Error('engine.compile cannot be nested');
  current = tape;
  try {
    return body();
  } finally {
    current = undefined;
  }
}

/** Runs `body` without remembering it for gradients: what it returns is a constant to the loss. */
export function noGrad<T>(body: () => T): T {
  return withMode('gradients', body);
}

/** Runs `body` with batch norm on its running statistics, which stay untouched. Gradients still flow. */
export function evaluating<T>(body: () => T): T {
  return withMode('training', body);
}

/** Runs `body` with training batch norm leaving its running statistics as they are: where it is run once more. */
export function withoutMovingStatistics<T>(body: () => T): T {
  return withMode('movingStatistics', body);
}

function withMode<T>(mode: 'gradients' | 'training' | 'movingStatistics', body: () => T): T {
  const tape = currentTape();
  const before = tape[mode];
  tape[mode] = false;
  try {
    return body();
  } finally {
    tape[mode] = before;
  }
}

/** Applies an op with one output on the current tape. @throws ShapeError where the inputs do not fit */
export function apply<Attributes, Saved>(
  op: Op<Attributes, Saved>,
  inputs: readonly Tensor[],
  attributes: Attributes,
): Tensor {
  return currentTape().apply(op, inputs, attributes)[0]!;
}

/**
 * Appends the gradients of a scalar loss to the program being recorded: each trainable parameter's lands in the
 * parameter's own storage, for an optimizer's update.
 * @throws ShapeError where the loss is no scalar; Error where it depends on no parameter, or on one that an earlier
 *   `backward` reached
 */
export function backward(loss: Tensor, options?: BackwardOptions): void {
  currentTape().backward(loss, options);
}
