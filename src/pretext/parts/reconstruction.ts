import type { Tensor } from '../../autograd/tensor.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { gatherTokens } from '../../ops/generative/gather_tokens.ts';
import type { PatchMask } from '../../ops/generative/mask.ts';
import { pixelRows } from '../../ops/generative/patch_pixels.ts';
import { patches } from '../../ops/vit/patches.ts';
import { type Curve, featureCurves, neighboursLine, type PretextContext } from '../method.ts';
import { mapDecoder, tokenDecoder } from './decoder.ts';

/** What brings pixels back. */
export interface Reconstruction {
  /** Side of the patches whose pixels are rows, in pixels. */
  readonly patch: number;
  /** Whether it can leave hidden patches out altogether; otherwise they are to be hidden in its views. */
  readonly leavesOut: boolean;
  /** Records views [N, S, S, 4] to rows [N, P, 3·patch²] of pixels, behind others that mean nothing. */
  readonly predict: (views: Tensor, mask?: PatchMask) => Tensor;
  /** Records the rows that views really have. */
  readonly rowsOf: (views: Tensor) => Tensor;
}

/**
 * Declares the decoder of a context's encoder: behind the last feature map of a ResNet, behind the tokens of a ViT.
 * @param use how many patches along a side at most, where the encoder has none of its own; whether it is given masks
 * @throws UserError where images have no whole number of the map's places
 */
export function reconstruction(
  { encoder, part, views: { imageSize } }: PretextContext,
  {
    decoderWidth: width,
    decoderDepth: depth,
  }: { readonly decoderWidth: number; readonly decoderDepth: number },
  { most, masks }: { readonly most: number; readonly masks: boolean },
): Reconstruction {
  const { map, tokens } = encoder;
  if (tokens) {
    const { patch, embed, encode, leading } = tokens;
    const decode = tokenDecoder(part('decoder'), tokens, { width, depth, masks });
    const predict = (views: Tensor, mask?: PatchMask) => {
      const all = embed(views);
      return decode(encode(mask ? gatherTokens(all, mask, leading) : all), mask);
    };
    return { patch, leavesOut: true, predict, rowsOf: (views) => pixelRows(views, patch) };
  }
  if (!map)
    throw new RangeError('the encoder has neither a feature map nor tokens to bring an image back from');
  if (imageSize % map.stride !== 0)
    throw new UserError(
      sentence`${named('imageSize', imageSize)} is no whole number of the ${map.stride} pixels that a place of the encoder's last feature map stands for, which the decoder brings back: take ${Math.ceil(imageSize / map.stride) * map.stride}`,
    );
  const patch = imageSize / gridOf(imageSize, most);
  const decode = mapDecoder(part('decoder'), map, width);
  const predict = (views: Tensor) => patches(decode(map.forward(views)), { patch, channels: 3 });
  return { patch, leavesOut: false, predict, rowsOf: (views) => pixelRows(views, patch) };
}

/** The largest number of whole patches along a side that is no more than asked. */
function gridOf(side: number, most: number): number {
  let grid = Math.min(most, side);
  while (side % grid !== 0) grid--;
  return grid;
}

/** The curves of a method that brings pixels back. */
export const reconstructionCurves: readonly Curve[] = [
  {
    title: 'Loss',
    lines: [
      { of: 'loss', name: 'loss' },
      { of: 'meanLoss', name: 'by the mean alone', dashed: true },
    ],
  },
  {
    title: 'Explained',
    unit: 'share',
    lines: [
      { of: 'explained', name: 'variance explained' },
      { of: 'inputExplained', name: 'by the damaged image', dashed: true },
    ],
  },
  {
    title: 'Nearest neighbours',
    unit: 'share',
    lines: [{ ...neighboursLine, dashed: false }],
  },
  ...featureCurves,
];
