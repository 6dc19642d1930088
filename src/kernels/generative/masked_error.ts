import shader from '#shaders/generative/masked_error.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';

/** Predicted and target rows, and which of them count. */
export interface MaskedErrorShape {
  /** Images. */
  readonly images: number;
  /** Target rows of an image. */
  readonly patches: number;
  /** Predicted rows of an image before those that have a target. */
  readonly leading: number;
  /** Numbers of a row. */
  readonly columns: number;
  /** Rows of an image that do not count. */
  readonly visible: number;
  /** Whether differences are taken by their size and not squared. */
  readonly absolute: boolean;
}

function launch(entry: string, shape: MaskedErrorShape, groups: number): Launch {
  const { images, patches, leading, columns, visible, absolute } = shape;
  const rows = images * patches;
  const counted = images * (patches - visible) * columns;
  return {
    shader,
    entry,
    params: { rows, patches, leading, columns, visible, absolute: Number(absolute), counted },
    grid: linearGrid(groups),
  };
}

const rowsOf = ({ images, patches }: MaskedErrorShape) => images * patches;

/** Sums [rows] of each row's errors. */
export const rowErrors = (shape: MaskedErrorShape): Launch =>
  launch('row_errors', shape, Math.ceil(rowsOf(shape) / 64));
/** The loss [1]. */
export const meanError = (shape: MaskedErrorShape): Launch => launch('mean', shape, 1);
/** The gradient of the predictions. */
export const errorGradient = (shape: MaskedErrorShape): Launch =>
  launch(
    'gradients',
    shape,
    Math.ceil((shape.images * (shape.leading + shape.patches) * shape.columns) / 64),
  );
