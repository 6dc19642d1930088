/** kindred's public API: the same in Node and in a page. */
export { platform } from '#platform';
export {
  type AdapterSpeed,
  measureSpeed,
  type Yardstick,
  type Yardsticks,
  yardsticks,
} from './app/plan/adapter_speed.ts';
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
export type { ImageStream } from './data/sources/image_stream.ts';
export { openStream } from './data/sources/open_stream.ts';
export { loadImages, readChunks } from './data/sources/read_images.ts';
export { encodeHead, readHead, type StoredHead } from './encoder/classifier_head.ts';
export { encodeWeights, readWeights, type Weights } from './encoder/encoder_weights.ts';
export { type FeatureExtractor, featureExtractor } from './encoder/feature_extractor.ts';
export { encodeFeatures } from './encoder/feature_matrix.ts';
export { type LoadedEncoder, loadEncoder } from './encoder/loaded_encoder.ts';
export { type EncoderNotes, encoderMetadata } from './encoder/metadata.ts';
export { encodeOnnx, type OnnxContent } from './encoder/onnx_model.ts';
export { NoAdapterError, RunError, ShapeError, UserError } from './errors.ts';
export { decodeSafetensors, encodeSafetensors } from './formats/safetensors.ts';
export { kernelsHash, shippedName } from './kernels/tuning/choice_cache.ts';
export { type SearchOptions, type SearchResult, search } from './kernels/tuning/search.ts';
export type { TuningOptions } from './kernels/tuning/tuner.ts';
export type { ImageCensus } from './label/scan/census.ts';
export { encodeImages, encoderOrigin, scanImages } from './label/scan/encoder_scan.ts';
export type { EncoderOrigin, FeatureOrigin, Features, InputRecipe } from './label/scan/features.ts';
export type { ReadingOptions } from './label/scan/read_through.ts';
export type { Scan } from './label/scan/start.ts';
export type { Architecture, Block } from './nn/architecture.ts';
export { createEncoder, type Encoder } from './nn/encoder.ts';
export { architectureOf, type EncoderOptions } from './nn/families.ts';
export { batchNormalisation, convolution, type Layer, linear, type ModelContext } from './nn/layers.ts';
export { multiplyAdds } from './nn/multiply_adds.ts';
export { type ProjectionOptions, projectionHead } from './nn/projection_head.ts';
export { type ResNetOptions, resnet } from './nn/resnet/resnet.ts';
export { measureFeatures } from './numerics/feature_statistics.ts';
export { classifyKnn, leaveOneOutKnn } from './numerics/knn.ts';
export type { LinearHead } from './numerics/linear_head.ts';
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
export { type PretextMethod, pretextMethod } from './pretext/method.ts';
export type { PretextOptions } from './pretext/options.ts';
export { type Precision, precisions } from './pretext/precision.ts';
export { type EpochMeans, type PretextImages, PretextTrainer } from './pretext/pretext_trainer.ts';
export { type MethodName, type MethodRegistry, pretextMethods } from './pretext/registry.ts';
