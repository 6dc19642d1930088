import type { AnyOp } from '../autograd/tape.ts';
import { addOp } from './add.ts';
import { batchNormOp } from './batch_norm.ts';
import { conv2dOp } from './conv2d.ts';
import { conv2dTransposeOp } from './generative/conv2d_transpose.ts';
import { gatherTokensOp } from './generative/gather_tokens.ts';
import { maskedErrorOp } from './generative/masked_error.ts';
import { scatterTokensOp } from './generative/scatter_tokens.ts';
import { upsampleOp } from './generative/upsample.ts';
import { l2NormalizeOp } from './l2_normalize.ts';
import { matmulOp } from './matmul.ts';
import { ntXentOp } from './nt_xent.ts';
import { averagePoolOp } from './pool/average_pool.ts';
import { averagePool2dOp } from './pool/average_pool_2d.ts';
import { maxPoolOp } from './pool/max_pool.ts';
import { barlowTwinsOp } from './pretext/barlow.ts';
import { dclOp } from './pretext/dcl.ts';
import { memoryContrastOp } from './pretext/memory_contrast.ts';
import { negativeCosineOp } from './pretext/negative_cosine.ts';
import { frozenForOp } from './pretext/prototypes.ts';
import { sideBySideOp } from './pretext/side_by_side.ts';
import { swappedPredictionOp } from './pretext/swav.ts';
import { vicregOp } from './pretext/vicreg.ts';
import { reluOp } from './relu.ts';
import { scaleOp } from './scale.ts';
import { softmaxCrossEntropyOp } from './softmax_cross_entropy.ts';
import { subsamplePadOp } from './subsample_pad.ts';
import { supConOp } from './sup_con.ts';
import { attentionOp } from './vit/attention.ts';
import { dropPathOp } from './vit/drop_path.ts';
import { embedTokensOp } from './vit/embed_tokens.ts';
import { geluOp } from './vit/gelu.ts';
import { layerNormOp } from './vit/layer_norm.ts';
import { layerScaleOp } from './vit/layer_scale.ts';
import { patchesOp } from './vit/patches.ts';
import { tokenPoolOp } from './vit/token_pool.ts';

/** Every differentiable op. The gradient suite demands a float64 twin for each of these names. */
export const registry = {
  add: addOp,
  attention: attentionOp,
  average_pool: averagePoolOp,
  average_pool_2d: averagePool2dOp,
  batch_norm: batchNormOp,
  conv2d: conv2dOp,
  conv2d_transpose: conv2dTransposeOp,
  dcl: dclOp,
  drop_path: dropPathOp,
  embed_tokens: embedTokensOp,
  gather_tokens: gatherTokensOp,
  gelu: geluOp,
  l2_normalize: l2NormalizeOp,
  layer_norm: layerNormOp,
  layer_scale: layerScaleOp,
  masked_error: maskedErrorOp,
  matmul: matmulOp,
  max_pool: maxPoolOp,
  memory_contrast: memoryContrastOp,
  negative_cosine: negativeCosineOp,
  nt_xent: ntXentOp,
  patches: patchesOp,
  relu: reluOp,
  scale: scaleOp,
  scatter_tokens: scatterTokensOp,
  side_by_side: sideBySideOp,
  softmax_cross_entropy: softmaxCrossEntropyOp,
  subsample_pad: subsamplePadOp,
  sup_con: supConOp,
  token_pool: tokenPoolOp,
  upsample: upsampleOp,
  barlow_twins: barlowTwinsOp,
  frozen_for: frozenForOp,
  swapped_prediction: swappedPredictionOp,
  vicreg: vicregOp,
} satisfies Record<string, AnyOp>;
