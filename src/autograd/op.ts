import type { Gpu } from '../gpu/device.ts';
import type { Launch } from '../gpu/launch.ts';
import type { KernelContext } from '../kernels/tuning/choices.ts';
import type { Ranks } from './ranks.ts';
import type { DType, Shape, Tensor, TensorSpec } from './tensor.ts';

/** What the host may do between two kernel calls. */
export type HostWork = (gpu: Pick<Gpu, 'read' | 'write'>) => Promise<void>;

/** What an op's forward and backward may do: dispatch kernels on tensors and ask for scratch tensors. */
export interface Run extends KernelContext {
  /** Records a kernel call. @param tensors by the WGSL names of its bindings */
  dispatch(launch: Launch, tensors: Readonly<Record<string, Tensor>>): void;
  /** A tensor without a gradient for partial results and saved statistics. */
  temporary(label: string, shape: Shape, dtype?: DType): Tensor;
  /**
   * Records work of the host: it sees what the kernel calls so far have written, and those that come later see what it
   * writes. @param tensors that it reads or writes
   */
  host(tensors: readonly Tensor[], work: HostWork): void;
  /** The processes that share each batch of this program; undefined where it has them for itself. */
  readonly ranks: Ranks | undefined;
}

/** One applied op, as its backward sees it. */
export interface Application<Attributes, Saved> {
  /** What the op was applied to. */
  readonly inputs: readonly Tensor[];
  /** What it gave. */
  readonly outputs: readonly Tensor[];
  /** Its settings. */
  readonly attributes: Attributes;
  /** What `forward` kept for `backward`. */
  readonly saved: Saved;
}

/**
 * A differentiable operation: its shape rule, forward and backward side by side. The registry in `src/ops/index.ts`
 * is a table of these, so an op without a backward does not compile.
 */
export interface Op<Attributes, Saved> {
  /** The op's name in error messages. */
  readonly name: string;
  /** Places of the inputs that are u32; all others are f32, but for `activations`. */
  readonly integers?: readonly number[];
  /** Places of the inputs whose gradients `backward` can add to what their targets hold. */
  readonly accumulates?: readonly number[];
  /** Places of the inputs that may be f16: then all that are listed are f16. */
  readonly activations?: readonly number[];
  /** @throws ShapeError where the inputs do not fit */
  infer(inputs: readonly Tensor[], attributes: Attributes): readonly TensorSpec[];
  /** Appends the dispatches that write the outputs. @returns what the gradient needs besides inputs and outputs */
  forward(run: Run, inputs: readonly Tensor[], outputs: readonly Tensor[], attributes: Attributes): Saved;
  /**
   * Writes the gradient of each input that has a target; `undefined` targets need none.
   * @param gradients of the outputs; undefined where an output does not reach the loss
   * @param adds whether a target's gradient is to be added to what it holds: only for inputs that `accumulates` lists
   */
  backward(
    run: Run,
    applied: Application<Attributes, Saved>,
    gradients: readonly (Tensor | undefined)[],
    targets: readonly (Tensor | undefined)[],
    adds: readonly boolean[],
  ): void;
  /** Largest accepted difference from the float64 twin, relative to the largest entry of each tensor. */
  readonly tolerance: number;
}

/** An op of any attributes and whatever it saves. */
// biome-ignore lint/suspicious/noExplicitAny: a list of ops of every attribute type; each op checks its own.
export type AnyOp = Op<any, any>;

/** Where a walk back starts from, and what becomes of the gradients. */
export interface BackwardOptions {
  /**
   * The output's gradient, in its shape: what a later part of the computation gave, or a loss scale. Default 1, of a
   * scalar.
   */
  readonly gradient?: Tensor;
  /** Adds to the parameters' gradients what another walk, or another program, left there. Default false. */
  readonly accumulate?: boolean;
}
