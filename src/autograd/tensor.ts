import { ShapeError } from '../errors.ts';
import type { FloatType } from '../gpu/shader.ts';
import { Storage } from '../gpu/storage.ts';

/** `f16` is for activations and their gradients alone: sums, statistics and parameters stay f32. */
export type DType = FloatType | 'u32';
/** Sizes along each axis, the outermost first; [] is a scalar. */
export type Shape = readonly number[];

/** Shape and element type of a value that does not exist yet. */
export interface TensorSpec {
  /** Sizes along each axis, the outermost first. */
  readonly shape: Shape;
  /** Type of the elements. */
  readonly dtype: DType;
}

/** A value on the GPU: row-major; images are N×H×W×C. */
export class Tensor implements TensorSpec {
  /** Sizes along each axis, the outermost first. */
  readonly shape: Shape;
  /** Type of the elements. */
  readonly dtype: DType;
  /** Where the elements lie. */
  readonly storage: Storage;
  /** Whether a gradient is wanted for it or for something that it was made from. */
  readonly requiresGrad: boolean;
  /** Where the gradient of a trainable parameter goes. */
  readonly gradient: Storage | undefined;

  constructor(spec: TensorSpec, storage: Storage, requiresGrad = false, gradient?: Storage) {
    this.shape = spec.shape;
    this.dtype = spec.dtype;
    this.storage = storage;
    this.requiresGrad = requiresGrad;
    this.gradient = gradient;
  }

  /** How many elements it has. */
  get size(): number {
    return elements(this.shape);
  }

  /** For messages: `[2, 3] f32`. */
  describe(): string {
    return describeSpec(this);
  }
}

/** The same numbers as a constant: no gradient goes back through them. */
export const stopGradient = (x: Tensor): Tensor => new Tensor(x, x.storage);

/** Whether a tensor can have so many rows, columns or channels. */
const isSide = (side: number): boolean => Number.isSafeInteger(side) && side >= 1;

/** @throws ShapeError where a dimension is no whole number of at least 1 @param name of the tensor */
export function requireDimensions(name: string, spec: TensorSpec): void {
  if (!spec.shape.every(isSide))
    throw new ShapeError(
      `${name}: ${describeSpec(spec)} has a dimension that is no whole number of at least 1`,
    );
}

/** A tensor to record a plan with, not to run: it has no memory. */
export const placeless = (shape: Shape, dtype: DType): Tensor =>
  new Tensor({ shape, dtype }, new Storage('placeless', bytesOf(shape, dtype)));

/** How many elements a tensor of this shape has. */
export const elements = (shape: Shape): number => shape.reduce((product, side) => product * side, 1);

/** Shape and type for messages: `[2, 3] f32`. */
export const describeSpec = (spec: TensorSpec): string => `[${spec.shape.join(', ')}] ${spec.dtype}`;

/** How many bytes a tensor takes. */
export const bytesOf = (shape: Shape, dtype: DType = 'f32'): number =>
  (dtype === 'f16' ? 2 : 4) * elements(shape);

/** How kernels store the elements of a tensor of floats. @throws ShapeError for a tensor of u32 */
export function floatType({ dtype }: TensorSpec): FloatType {
  if (dtype === 'u32') throw new ShapeError('a tensor of u32 holds no floats');
  return dtype;
}

/**
 * Holds an op's inputs against what it expects, and against being empty.
 * @throws ShapeError naming the op, what it got and what it wants
 */
export function requireShapes(op: string, inputs: readonly Tensor[], holds: boolean, wants: string): void {
  const isFull = inputs.every(({ shape }) => shape.every(isSide));
  if (holds && isFull) return;
  const got = inputs.map((input) => input.describe()).join(' and ');
  const rule = isFull ? `it takes ${wants}` : 'every dimension must be a whole number of at least 1';
  throw new ShapeError(`${op}: got ${got}, but ${rule}`);
}
