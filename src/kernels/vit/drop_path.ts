import shader from '#shaders/vit/drop_path.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';

const width = 64;

/** Numbers of one image of a branch, and how often it is left out. */
export interface DroppedPath {
  /** Images of the batch. */
  readonly images: number;
  /** Numbers of each. */
  readonly size: number;
  /** Which branch of the network it is. */
  readonly branch: number;
  /** With which probability an image's is left out, from 0 to below 1. */
  readonly rate: number;
}

/** y = x/(1 − p), or 0 for images that chance leaves out; the same of dy is the gradient. */
export function dropPath({ images, size, branch, rate }: DroppedPath): Launch {
  const quads = size % 4 === 0;
  const elements = quads ? size / 4 : size;
  const count = images * elements;
  return {
    shader,
    entry: 'drop_path',
    constants: { Element: quads ? 'vec4f' : 'f32' },
    params: { count, size: elements, branch, rate, factor: 1 / (1 - rate) },
    grid: linearGrid(Math.ceil(count / width)),
  };
}
