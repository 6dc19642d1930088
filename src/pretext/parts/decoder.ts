import type { Shape, Tensor } from '../../autograd/tensor.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { type Encoder, type FeatureMap, layersOf, type TokenStages } from '../../nn/encoder.ts';
import { normalOf, uniformFanIn } from '../../nn/initialise.ts';
import { type Layer, type ModelContext, normalisedConvolution } from '../../nn/layers.ts';
import { tokenLinear } from '../../nn/vit/layers.ts';
import { transformerBlocks, usualHeads } from '../../nn/vit/vit.ts';
import { conv2d } from '../../ops/conv2d.ts';
import type { PatchMask } from '../../ops/generative/mask.ts';
import { type ScatterTensors, scatterTokens } from '../../ops/generative/scatter_tokens.ts';
import { upsample } from '../../ops/generative/upsample.ts';
import { positionTable } from './position_table.ts';

// Light decoders, which bring back an image's pixels from what an encoder gives before it pools. No export has them.

/** Settings of a decoder, which are the same of every method that has one. */
export const decoderSettings = {
  decoderWidth: {
    kind: { type: 'whole', min: 4 },
    unit: 'channels',
    help: 'of the decoder: of its first layer, halved in each further one, or of its tokens, a multiple of four',
    chosen: 'half the feature size',
    /** Half as wide as the features, in whole fours. */
    derive: ({ featureSize }: Pick<Encoder, 'featureSize'>) => Math.max(4, 4 * Math.round(featureSize / 8)),
  },
  decoderDepth: {
    kind: { type: 'whole', min: 1, max: 64 },
    unit: 'n',
    help: "blocks of the decoder of a ViT; a ResNet's has a layer for each halving of its images",
    default: 2,
  },
} as const;

/** Channels of a layer at least. */
const fewestChannels = 8;

/**
 * Declares what turns a feature map [N, S/stride, S/stride, C] into pixels [N, S, S, 3]: for each halving a doubling of
 * every pixel, a 3×3 convolution, batch norm and ReLU; then a 3×3 convolution. Doubled pixels and a convolution leave no
 * pattern of squares, as transposed convolutions do (Odena et al. 2016, 10.23915/distill.00003).
 */
export function mapDecoder(context: ModelContext, { stride, channels }: FeatureMap, width: number): Layer {
  const { parameters, seed } = context;
  const layers: Layer[] = [];
  let inputs = channels;
  for (let stage = 0; 2 ** stage < stride; stage++) {
    const outputs = Math.max(fewestChannels, width >> (stage + 1));
    const shape = { name: `decoder.${stage}.conv`, inputs, outputs, kernel: 3, stride: 1 };
    const layer = normalisedConvolution(context, shape, { name: `decoder.${stage}.bn` });
    layers.push((x) => layer(upsample(x, { factor: 2 }), { relu: true }));
    inputs = outputs;
  }
  const name = 'decoder.pixels.weight';
  const first = uniformFanIn(seed, name, 9 * inputs);
  const weight = parameters.trainable(name, [3, 3, inputs, 3], first, { decay: true });
  return (map) =>
    conv2d(
      layers.reduce((x, layer) => layer(x), map),
      weight,
      { pad: 1 },
    );
}

/** From the tokens that an encoder gives, those of the visible patches where there is a mask, to rows of pixels. */
export type TokenDecoder = (tokens: Tensor, mask?: PatchMask) => Tensor;

/**
 * Declares a decoder of few and narrow blocks (He et al. 2021, arXiv 2111.06377, section 3): [N, L + V, C] to
 * [N, L + P, 3·patch²], of which the rows of the L leading tokens mean nothing. Positions are the paper's sines and
 * cosines, which do not train. A decoder that never masks has none: all patches are there, and know where they are.
 */
export function tokenDecoder(
  context: ModelContext,
  { channels, patch, grid, leading }: TokenStages,
  { width, depth, masks }: { readonly width: number; readonly depth: number; readonly masks: boolean },
): TokenDecoder {
  if (width % 4 !== 0)
    throw new UserError(
      sentence`${named('decoderWidth', width)} is no multiple of four, as the tokens of a ViT's decoder need`,
    );
  const embed = tokenLinear(context, {
    ...{ kind: 'linear', name: 'decoder_embed', inputs: channels, outputs: width, bias: true },
  });
  const stand = masks ? standIns(context, [leading + grid ** 2, width], grid) : undefined;
  const blocks = layersOf(
    transformerBlocks('decoder_blocks', { width, depth, heads: headsOf(width) }),
    context,
  );
  const predict = tokenLinear(context, {
    ...{ kind: 'linear', name: 'decoder_pred', inputs: width, outputs: 3 * patch ** 2, bias: true },
  });
  return (tokens, mask) => {
    const x = embed(tokens);
    return predict(blocks(mask && stand ? scatterTokens(x, mask, stand) : x));
  };
}

/** What stands for hidden patches, and where all are. */
function standIns({ parameters, seed }: ModelContext, rows: Shape, grid: number): ScatterTensors {
  const token = normalOf(seed, 'mask_token', 0.02);
  return {
    maskToken: parameters.trainable('mask_token', [rows[1]!], token, { decay: false }),
    positions: parameters.buffer('decoder_pos_embed', rows, positionTable(rows[0]! - grid ** 2, grid)),
  };
}

/** About 64 channels a head, of which each has a multiple of four. */
function headsOf(width: number): number {
  let heads = usualHeads(width);
  while (width % (4 * heads) !== 0) heads--;
  return heads;
}
