import type { registry } from '../../src/ops/index.ts';
import { batchNormCases } from './batch_norm.ts';
import type { Case } from './case.ts';
import { convolutionCases, poolingCases } from './convolution.ts';
import { elementwiseCases, matmulCases } from './elementwise.ts';
import {
  conv2dTransposeCases,
  gatherTokensCases,
  maskedErrorCases,
  scatterTokensCases,
  upsampleCases,
} from './generative.ts';
import { crossEntropyCases, l2NormalizeCases, ntXentCases, supConCases } from './losses.ts';
import {
  barlowCases,
  dclCases,
  frozenForCases,
  memoryContrastCases,
  negativeCosineCases,
  sideBySideCases,
  swappedPredictionCases,
  vicregCases,
} from './pretext.ts';
import { dropPathCases, embedTokensCases, layerScaleCases, patchesCases, tokenPoolCases } from './tokens.ts';
import { attentionCases, geluCases, layerNormCases } from './vit.ts';

/** A name of the registry. */
export type OpName = keyof typeof registry;

/** A float64 twin, at ragged shapes, for every op of the registry: a missing name does not compile. */
export const twins: Record<OpName, readonly Case[]> = {
  ...elementwiseCases,
  ...poolingCases,
  attention: attentionCases,
  batch_norm: batchNormCases,
  conv2d: convolutionCases,
  conv2d_transpose: conv2dTransposeCases,
  dcl: dclCases,
  drop_path: dropPathCases,
  embed_tokens: embedTokensCases,
  gather_tokens: gatherTokensCases,
  gelu: geluCases,
  l2_normalize: l2NormalizeCases,
  layer_norm: layerNormCases,
  layer_scale: layerScaleCases,
  masked_error: maskedErrorCases,
  matmul: matmulCases,
  memory_contrast: memoryContrastCases,
  negative_cosine: negativeCosineCases,
  nt_xent: ntXentCases,
  patches: patchesCases,
  scatter_tokens: scatterTokensCases,
  side_by_side: sideBySideCases,
  softmax_cross_entropy: crossEntropyCases,
  sup_con: supConCases,
  token_pool: tokenPoolCases,
  upsample: upsampleCases,
  barlow_twins: barlowCases,
  frozen_for: frozenForCases,
  swapped_prediction: swappedPredictionCases,
  vicreg: vicregCases,
};
