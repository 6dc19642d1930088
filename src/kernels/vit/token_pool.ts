import shader from '#shaders/vit/token_pool.wgsl';
import type { Launch } from '../../gpu/launch.ts';
import { overChannels } from './channel_rows.ts';

/** What a batch's tokens are brought to. */
export interface TokenPoolShape {
  /** Images of the batch. */
  readonly images: number;
  /** Tokens of each. */
  readonly tokens: number;
  /** C. */
  readonly channels: number;
  /** Tokens before those of the patches. */
  readonly leading: number;
  /** Whether the class token is a part of the result. */
  readonly classToken: boolean;
  /** Whether the mean of the patches' tokens is. */
  readonly mean: boolean;
}

function launch(entry: string, shape: TokenPoolShape, rows: number): Launch {
  const { images, tokens, channels, leading, classToken, mean } = shape;
  const params = { images, tokens, leading, class_token: Number(classToken), mean: Number(mean) };
  return overChannels(shader, entry, { rows, channels }, params);
}

/** Rows of C numbers that come out for an image. */
export const pooledRows = ({ classToken, mean }: Pick<TokenPoolShape, 'classToken' | 'mean'>): number =>
  Number(classToken) + Number(mean);

/** y from x. */
export const tokenPool = (shape: TokenPoolShape): Launch =>
  launch('pool', shape, shape.images * pooledRows(shape));
/** dx from dy. */
export const tokenPoolGradient = (shape: TokenPoolShape): Launch =>
  launch('pool_gradient', shape, shape.images * shape.tokens);
