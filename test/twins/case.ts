import type { Shape } from '../../src/autograd/tensor.ts';

/** One input of a case: random numbers around zero unless `values` are given; labels are u32. */
export interface CaseInput {
  readonly shape: Shape;
  readonly values?: readonly number[];
  readonly dtype?: 'u32';
  /** No gradient is asked for it. */
  readonly constant?: boolean;
}

/** An op applied at one set of shapes, with the same function written plainly in float64. */
export interface Case {
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  readonly attributes: unknown;
  /** All outputs of the op from its inputs. */
  readonly twin: (inputs: readonly Float64Array[]) => readonly Float64Array[];
  /** Outputs that carry no gradient. */
  readonly metrics?: readonly number[];
}

export const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
