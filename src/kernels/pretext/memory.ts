import followShader from '#shaders/pretext/follow.wgsl';
import shader from '#shaders/pretext/memory.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';

/** y += (1 − m)(x − y), where m rises from the momentum to 1 over the steps, or stays the momentum where they are 0. */
export const followAverage = (count: number, momentum: number, steps: number): Launch => ({
  shader: followShader,
  entry: 'follow',
  params: { count, rate: 1 - momentum, steps },
  grid: linearGrid(Math.ceil(count / 64)),
});

/** Rows that come to a memory or from it, and the part of it that they are looked for in. */
export interface MemoryShape {
  /** Rows that come or go. */
  readonly count: number;
  /** Elements of a row. */
  readonly columns: number;
  /** First row of the part. */
  readonly first: number;
  /** Rows of the part. */
  readonly rows: number;
  /** Rows of all parts. */
  readonly total: number;
  /** The share of itself that a row keeps. */
  readonly momentum: number;
}

const launch = (entry: string, shape: MemoryShape): Launch => ({
  shader,
  entry,
  params: { ...shape },
  grid: linearGrid(Math.ceil(shape.count / 8)),
});

/** The batch's rows x, normalised, into memory [total] behind those of the step before, round the end. */
export const enqueueRows = (shape: MemoryShape): Launch => launch('enqueue', shape);
/** Moves the rows of these images towards x, normalised. */
export const rememberRows = (shape: MemoryShape): Launch => launch('remember', shape);
/** The rows of these images, as far as the part holds them. */
export const recallRows = (shape: MemoryShape): Launch => launch('recall', shape);
/** Numbers of rows, uniform by step and place. */
export const drawRows = (shape: MemoryShape): Launch => launch('draw_rows', shape);
