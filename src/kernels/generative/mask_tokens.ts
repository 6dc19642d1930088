import shader from '#shaders/generative/mask_tokens.wgsl';
import type { Launch } from '../../gpu/launch.ts';
import { overChannels } from '../vit/channel_rows.ts';

/** Tokens of images some of whose patches are hidden. */
export interface MaskTokenShape {
  /** N. */
  readonly images: number;
  /** P: patches of an image. */
  readonly patches: number;
  /** V: those that are not hidden. */
  readonly visible: number;
  /** L: tokens before those of the patches, which are always kept. */
  readonly leading: number;
  /** C. */
  readonly channels: number;
}

function launch(entry: string, shape: MaskTokenShape, rows: number): Launch {
  return overChannels(shader, entry, { rows, channels: shape.channels }, { ...shape });
}

const all = ({ images, leading, patches }: MaskTokenShape) => images * (leading + patches);

/** [N][L + V] from [N][L + P]: the kept tokens. */
export const gatherTokens = (shape: MaskTokenShape): Launch =>
  launch('gather', shape, shape.images * (shape.leading + shape.visible));
/** [N][L + P] from [N][L + V], with zeros for the others. */
export const spreadTokens = (shape: MaskTokenShape): Launch => launch('spread', shape, all(shape));
/** [N][L + P] from [N][L + V], with the mask's token for the others, and positions. */
export const scatterTokens = (shape: MaskTokenShape): Launch => launch('scatter', shape, all(shape));
/** [N][C] from [N][L + P]: sums over the hidden patches. */
export const hiddenSums = (shape: MaskTokenShape): Launch => launch('hidden_sums', shape, shape.images);
