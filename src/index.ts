/** kindred's public API: the same in Node and in a page. */
export { platform } from '#platform';
export {
  type AdapterSpeed,
  measureSpeed,
  type Yardstick,
  type Yardsticks,
  yardsticks,
} from './app/adapter_speed.ts';
export {
  Compiled,
  type CompileOptions,
  Engine,
  type EngineOptions,
  type HostArray,
} from './autograd/engine.ts';
export { type Entry, type Initialiser, Parameters } from './autograd/parameters.ts';
export { backward, currentTape, evaluating, noGrad } from './autograd/tape.ts';
export { type DType, type Shape, Tensor } from './autograd/tensor.ts';
export { type AugmentationPolicy, presets, resolvePolicy } from './data/policy.ts';
export { type ImageStream, loadImages, openStream, readChunks } from './data/sources/image_stream.ts';
export {
  encodeEncoder,
  encodeFeatures,
  encodeHead,
  encoderMetadata,
  exportEncoder,
} from './encoder/export_weights.ts';
export { type FeatureExtractor, featureExtractor } from './encoder/features.ts';
export { encodeOnnx, type OnnxContent } from './encoder/onnx_export.ts';
export { type Head, loadEncoder, readHead, readWeights, type Weights } from './encoder/read_weights.ts';
export { NoAdapterError, ShapeError, UserError } from './errors.ts';
export { decodeSafetensors, encodeSafetensors } from './formats/safetensors.ts';
export { kernelsHash, shippedName } from './kernels/tuning/choice_cache.ts';
export { type SearchOptions, type SearchResult, search } from './kernels/tuning/search.ts';
export type { TuningOptions } from './kernels/tuning/tuner.ts';
export { type Scan, type ScanOptions, scanImages } from './label/scan.ts';
export { batchNormalisation, convolution, type Layer, linear, type ModelContext } from './nn/layers.ts';
export { type ProjectionOptions, projectionHead } from './nn/projection_head.ts';
export { type Encoder, multiplyAdds, type ResNetOptions, resnet, resnet18 } from './nn/resnet.ts';
export { measureFeatures } from './numerics/feature_statistics.ts';
export { classifyKnn, leaveOneOutKnn } from './numerics/knn.ts';
export { accuracy, fitProbe, type Probe, predictProbe } from './numerics/probe.ts';
export { add } from './ops/add.ts';
export { augment, imagenetScale, type Normalisation, pixelScale, uploadImages } from './ops/augment.ts';
export { averagePool } from './ops/average_pool.ts';
export { batchNorm } from './ops/batch_norm.ts';
export { conv2d } from './ops/conv2d.ts';
export { cosineSimilarity } from './ops/cosine_similarity.ts';
export { registry as ops } from './ops/index.ts';
export { l2Normalize } from './ops/l2_normalize.ts';
export { matmul } from './ops/matmul.ts';
export { maxPool } from './ops/max_pool.ts';
export { ntXent } from './ops/nt_xent.ts';
export { relu } from './ops/relu.ts';
export { scale } from './ops/scale.ts';
export { type LossWithMetrics, softmaxCrossEntropy } from './ops/softmax_cross_entropy.ts';
export { supCon } from './ops/sup_con.ts';
export { type AdamWOptions, adamW } from './optim/adamw.ts';
export { type LarsOptions, lars } from './optim/lars.ts';
export { LossScale, type LossScaleOptions } from './optim/loss_scale.ts';
export type { Optimizer, UpdateOptions } from './optim/optimizer.ts';
export { type Schedule, warmupCosine } from './optim/schedule.ts';
export { type SgdOptions, sgd } from './optim/sgd.ts';
export { chooseChunk, plannedBuffers } from './pretext/chunk.ts';
export type { ContrastiveOptions } from './pretext/contrastive_model.ts';
export { ContrastivePretext, type EpochMeans, type PretextImages } from './pretext/contrastive_pretext.ts';
export { type Precision, precisions } from './pretext/precision.ts';
export { type PretextMethod, pretextMethods } from './pretext/pretext_method.ts';
