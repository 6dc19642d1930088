import shader from '#shaders/pretext/memory_contrast.wgsl';
import type { Launch } from '../../gpu/launch.ts';

/** Sizes and form of a contrast with a memory. */
export interface MemoryContrastShape {
  /** Rows that look for their positive. */
  readonly queries: number;
  /** Rows of the memory. */
  readonly rows: number;
  /** Elements of a row. */
  readonly columns: number;
  /** τ, which cosines are divided by; above 0. */
  readonly temperature: number;
  /** Whether each negative has a term of its own (PIRL), beside its place in the positive's denominator. */
  readonly negativeTerms: boolean;
  /** Whether rows of the memory that are of the query's own image are left out. */
  readonly exclude: boolean;
}

const launch = (entry: string, shape: MemoryContrastShape, grid: number): Launch => ({
  shader,
  entry,
  constants: { NEGATIVE_TERMS: shape.negativeTerms, EXCLUDE: shape.exclude },
  params: {
    queries: shape.queries,
    rows: shape.rows,
    columns: shape.columns,
    inverse_temperature: 1 / shape.temperature,
  },
  grid: [grid, 1, 1],
});

/** Terms [4][queries] from products with the memory [queries][rows], which become their gradients. */
export const contrastWithMemory = (shape: MemoryContrastShape): Launch =>
  launch('contrast', shape, Math.ceil(shape.queries / 8));
/** The loss [1], and metrics [2]: how often the positive is nearest, its mean cosine. */
export const memoryMeans = (shape: MemoryContrastShape): Launch => launch('means', shape, 1);
/** Adds the positive's part to the queries' gradient and takes the loss's gradient in. */
export const joinPositive = (shape: MemoryContrastShape): Launch =>
  launch('join', shape, Math.ceil(shape.queries / 8));
