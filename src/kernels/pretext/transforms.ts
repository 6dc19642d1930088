import shader from '#shaders/pretext/transforms.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';
import type { FloatType } from '../../gpu/shader.ts';

/** What a predictive task makes of views. */
export interface TransformShape {
  /** Views. */
  readonly images: number;
  /** Their side in pixels. */
  readonly side: number;
  /** Results of each. */
  readonly copies: number;
  /** What is drawn from. */
  readonly chosen: number;
  /** What views are stored as. */
  readonly stored: FloatType;
}

/** Where patches lie in a grid of three by three cells; pixels. */
export interface PatchShape {
  /** Side of a patch. */
  readonly side: number;
  /** Side of a cell. */
  readonly cell: number;
  /** Least distance of a patch from its cell's upper and left edge. */
  readonly margin: number;
  /** By how many pixels more it may lie away from it. */
  readonly freedom: number;
}

const noPatch: PatchShape = { side: 1, cell: 1, margin: 0, freedom: 0 };

const launch = (entry: string, shape: TransformShape, results: number, patch = noPatch): Launch => ({
  shader,
  entry,
  constants: { Stored: shape.stored === 'f16' ? 'vec4h' : 'vec4f' },
  params: {
    images: shape.images,
    side: shape.side,
    copies: shape.copies,
    chosen: shape.chosen,
    patch_side: patch.side,
    cell: patch.cell,
    margin: patch.margin,
    freedom: patch.freedom,
  },
  grid: linearGrid(Math.ceil(results / 64)),
});

const pixels = ({ images, side, copies }: TransformShape) => images * copies * side ** 2;

/** Labels [copies·images] of every image in each turn. */
export const eachTurn = (shape: TransformShape): Launch =>
  launch('each_turn', shape, shape.images * shape.copies);
/** Labels [images]: one of the choices an image. */
export const drawTurns = (shape: TransformShape): Launch => launch('draw_turns', shape, shape.images);
/** Views by quarter turns. */
export const rotateViews = (shape: TransformShape): Launch => launch('rotate', shape, pixels(shape));
/** Cells [images][2] and labels [images]: the middle, and one of its neighbours. */
export const drawNeighbours = (shape: TransformShape): Launch =>
  launch('draw_neighbours', shape, shape.images);
/** Cells [images][9] and labels [images]: all, in the order of one of the permutations. */
export const drawPermutations = (shape: TransformShape): Launch =>
  launch('draw_permutations', shape, shape.images);
/** Patches [images][copies][side][side] out of their cells. */
export const cutPatches = (shape: TransformShape, patch: PatchShape): Launch =>
  launch('cut', shape, shape.images * shape.copies * patch.side ** 2, patch);
/** So many views from the view `first` on. */
export const takeViews = (shape: TransformShape, first: number): Launch =>
  launch('take', shape, pixels(shape), { ...noPatch, margin: first });
