/**
 * The engine and what trains on it, the same in Node and in a page: tensors and programs that are recorded once and
 * replayed, differentiable ops, layers, optimizers, image data and augmentation, pretext tasks, weights in and out.
 * Labelling has an entry of its own, `kindred/label`.
 *
 * @module kindred
 */

// Engine: an adapter, its tensors and compiled programs; what they throw.
export {
  Compiled,
  type CompileOptions,
  Engine,
  type EngineOptions,
  type HostArray,
} from './autograd/engine.ts';
export type { ParameterStore } from './autograd/parameter_part.ts';
export {
  type BufferOptions,
  type Entry,
  type Initialiser,
  type ParameterMemory,
  Parameters,
  type TrainableOptions,
} from './autograd/parameters.ts';
export type { Ranks } from './autograd/ranks.ts';
export { type BackwardOptions, backward, evaluating, noGrad } from './autograd/tape.ts';
export { stopGradient, type DType, type Shape, Tensor, type TensorSpec } from './autograd/tensor.ts';
export {
  NoAdapterError,
  RunError,
  Sentence,
  type SettingMention,
  ShapeError,
  UserError,
} from './errors.ts';
export type { CompileProgress } from './gpu/program.ts';
export type { TuningOptions } from './kernels/tuning/tuner.ts';

// Ops: each is called inside `engine.compile` and has a gradient; losses last.
export { add } from './ops/add.ts';
export { averagePool } from './ops/pool/average_pool.ts';
export { averagePool2d, type DisjointWindows } from './ops/pool/average_pool_2d.ts';
export { type BatchNormTensors, batchNorm } from './ops/batch_norm.ts';
export { type Conv2dAttributes, conv2d } from './ops/conv2d.ts';
export { cosineSimilarity } from './ops/cosine_similarity.ts';
export { type Conv2dTransposeAttributes, conv2dTranspose } from './ops/generative/conv2d_transpose.ts';
export { gatherTokens } from './ops/generative/gather_tokens.ts';
export { addNoise, blur, drawMask, hidePatches, type PatchMask } from './ops/generative/mask.ts';
export { maskedError } from './ops/generative/masked_error.ts';
export { type ScatterTensors, scatterTokens } from './ops/generative/scatter_tokens.ts';
export { type UpsampleAttributes, upsample } from './ops/generative/upsample.ts';
export { l2Normalize } from './ops/l2_normalize.ts';
export { matmul } from './ops/matmul.ts';
export { maxPool } from './ops/pool/max_pool.ts';
export { relu } from './ops/relu.ts';
export { scale } from './ops/scale.ts';
export { type NtXentAttributes, ntXent } from './ops/nt_xent.ts';
export { type BarlowAttributes, barlowTwins } from './ops/pretext/barlow.ts';
export { type DclAttributes, dcl } from './ops/pretext/dcl.ts';
export { type Bank, drawImages, enqueue, recall, remember } from './ops/pretext/memory.ts';
export { type MemoryContrastAttributes, memoryContrast } from './ops/pretext/memory_contrast.ts';
export { type NegativeCosineAttributes, negativeCosine } from './ops/pretext/negative_cosine.ts';
export { type FrozenAttributes, frozenFor, normaliseInPlace } from './ops/pretext/prototypes.ts';
export { sideBySide } from './ops/pretext/side_by_side.ts';
export {
  type SinkhornAttributes,
  sinkhornCodes,
  type SwappedPredictionAttributes,
  swappedPrediction,
} from './ops/pretext/swav.ts';
export {
  type Draws,
  inAllTurns,
  neighbouringPatches,
  type Patches,
  type PatchShape,
  permutedPatches,
  someViews,
  turnedByChance,
  turnLabels,
} from './ops/pretext/transforms.ts';
export { type VicregAttributes, vicreg } from './ops/pretext/vicreg.ts';
export {
  type CrossEntropyAttributes,
  type LossWithMetrics,
  softmaxCrossEntropy,
} from './ops/softmax_cross_entropy.ts';
export { type SubsamplePadAttributes, subsamplePad } from './ops/subsample_pad.ts';
export { type SupConAttributes, supCon } from './ops/sup_con.ts';
export { type AttentionAttributes, attention } from './ops/vit/attention.ts';
export { type DropPathAttributes, dropPath } from './ops/vit/drop_path.ts';
export { embedTokens, type TokenTensors } from './ops/vit/embed_tokens.ts';
export { gelu } from './ops/vit/gelu.ts';
export { type LayerNormAttributes, layerNorm } from './ops/vit/layer_norm.ts';
export { layerScale } from './ops/vit/layer_scale.ts';
export { type PatchAttributes, patches } from './ops/vit/patches.ts';
export { type TokenPoolAttributes, tokenPool } from './ops/vit/token_pool.ts';
export type { Window } from './ops/window.ts';

// Ops of your own: shape rule, forward and gradient, with kernels in WGSL.
export { type Application, apply, type HostWork, type Op, type Run } from './autograd/tape.ts';
export type { Capabilities, ProgramNeeds } from './gpu/device.ts';
export type { MatrixUnits } from './gpu/matrix_units.ts';
export { type Launch, linearGrid } from './gpu/launch.ts';
export type { Binding, Constants, FloatType, Shader, UniformField } from './gpu/shader.ts';

// Networks: layers, encoders, projection heads.
export {
  type Adapter,
  batchNormalisation,
  type ConvolutionOptions,
  convolution,
  type Layer,
  type LayerTuning,
  linear,
  type ModelContext,
  type NormLayer,
} from './nn/layers.ts';
export { type ProjectionOptions, projectionHead } from './nn/projection_head.ts';
export type {
  Architecture,
  AveragePool,
  BatchNorm,
  Block,
  Branch,
  Convolution,
  Gelu,
  GlobalAveragePool,
  LayerNorm,
  Linear,
  MaxPool,
  Norm,
  PatchTokens,
  Residual,
  SelfAttention,
  SubsamplePad,
  TokenPool,
} from './nn/architecture.ts';
export { createEncoder, type Encoder, type FeatureMap, type TokenStages } from './nn/encoder.ts';
export { architectureOf, type EncoderOptions } from './nn/family_registry.ts';
export { multiplyAdds } from './nn/multiply_adds.ts';
export { type CifarResNetOptions, cifarResNet } from './nn/cifar_resnet/cifar_resnet.ts';
export { type ResNetOptions, resnet } from './nn/resnet/resnet.ts';
export { type Pooling, type ViTOptions, vit } from './nn/vit/vit.ts';
export { layerDistances, type LayerDistances } from './nn/tuning/layer_rates.ts';
export { mergeAdapters } from './nn/tuning/low_rank.ts';
export { adapterOfRank, type Tuning, tunedContext } from './nn/tuning/tuning.ts';
export type { GridRule } from './numerics/resample_grid.ts';

// Optimizers and the learning rate's schedule.
export { type AdamWOptions, adamW } from './optim/adamw.ts';
export { type LarsOptions, lars } from './optim/lars.ts';
export { LossScale, type LossScaleOptions, type LossScaleReading } from './optim/loss_scale.ts';
export type { Optimizer, UpdateOptions } from './optim/optimizer.ts';
export type { OptimizerOptions } from './optim/named_optimizer.ts';
export { type Schedule, warmupCosine } from './optim/schedule.ts';
export { type SgdOptions, sgd } from './optim/sgd.ts';

// Images: where they come from, and how views of them are drawn.
export { platform } from '#platform';
export type {
  DecodedImage,
  Decoding,
  FileContent,
  FileInfo,
  Fit,
  FolderLock,
  Files,
  GivenFile,
  GpuAccess,
  Hdf5Dataset,
  NameClaim,
  NewFolder,
  PageFiles,
  PageStorage,
  Preferences,
  RankLine,
  RankLink,
  Traffic,
  Hub,
  HubFile,
  HubPlace,
  HubRevision,
  Platform,
  TextCache,
} from './platform/platform.ts';
export type { RawImage, Samples } from './formats/images/raw_image.ts';
export type { SampleRange, ScreenImage } from './formats/images/screen_values.ts';
export type { Resize, ResizeFilter } from './data/resize/resize.ts';
export type {
  ImageStream,
  NamedImages,
  OpenOptions,
  Partition,
  SkippedImage,
  UnreadableImage,
} from './data/sources/image_stream.ts';
export { openStream } from './data/sources/open_stream.ts';
export {
  type ImageChunk,
  type LoadedImages,
  loadImages,
  type ReadProgress,
  readChunks,
} from './data/sources/read_images.ts';
export { type AugmentationPolicy, type PresetName, presets, resolvePolicy } from './data/policy.ts';
export type { Range } from './kernels/augment.ts';
export {
  type AugmentOptions,
  augment,
  imagenetScale,
  type Normalisation,
  pixelScale,
  type Rgb,
  uploadImages,
} from './ops/augment.ts';

// Pretext tasks: training an encoder without labels, or with few.
export {
  allImages,
  type BatchData,
  type Batches,
  type BatchOptions,
  labelledImages,
  partlyLabelled,
} from './pretext/batches.ts';
export {
  type Curve,
  type CurveLine,
  type EncoderFacts,
  type FactoredModel,
  type ImageBatch,
  type MethodSetting,
  type MethodTable,
  type Metric,
  type Objective,
  type PretextContext,
  type PretextMethod,
  type PretextModel,
  pretextMethod,
  type ValuesOf,
  type WholeModel,
} from './pretext/method.ts';
export type { EncoderTensors, PretextOptions } from './pretext/options.ts';
export { type Precision, precisions } from './pretext/precision.ts';
export { Follower, type FollowingPace } from './pretext/parts/follower.ts';
export { type EpochMeans, type PretextImages, PretextTrainer } from './pretext/pretext_trainer.ts';
export type { EpochSums } from './pretext/training_step.ts';
export {
  type MethodName as PretextMethodName,
  type MethodRegistry,
  type MethodSettings,
  pretextMethods,
} from './pretext/registry.ts';
export type { Kind, Setting, ValueOf } from './setting.ts';

// Features of a trained encoder, and what they are worth.
export { type FeatureExtractor, type FeatureOptions, featureExtractor } from './encoder/feature_extractor.ts';
export type { FeatureScaling } from './numerics/probe/feature_scaling.ts';
export { describePopulation, type Population } from './numerics/probe/population.ts';
export { type FeatureStatistics, measureFeatures } from './numerics/feature_statistics.ts';
export {
  classifyKnn,
  type KnnBank,
  type KnnOptions,
  type KnnPredictions,
  leaveOneOutKnn,
} from './numerics/knn.ts';
export {
  accuracy,
  fitProbe,
  type Predictions,
  type Probe,
  type ProbeOptions,
  type ProbeScore,
  predictProbe,
  probeHead,
} from './numerics/probe/probe.ts';

// Weights in files: safetensors and PyTorch's in, under many programs' names; safetensors under torchvision's out, ONNX.
export { encodeHead, type HeadFeatures, readHead, type StoredHead } from './encoder/classifier_head.ts';
export { encodeWeights, readWeights, type StatedOptions, type Weights } from './encoder/encoder_weights.ts';
export { encodeFeatures } from './encoder/feature_matrix.ts';
export { type LoadedEncoder, loadEncoder } from './encoder/loaded_encoder.ts';
export { type EncoderNotes, encoderMetadata } from './encoder/metadata.ts';
export type { FoundHead } from './encoder/names/head.ts';
export { normaliseTwice } from './encoder/names/pixels.ts';
export type { NormalisationSource, WeightsSource } from './encoder/names/source_notes.ts';
export { encodeOnnx, type OnnxContent } from './encoder/onnx_model.ts';
export type { LinearHead } from './numerics/linear_head.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type HalfTensor,
  type SafetensorsContent,
  type StoredData,
  type StoredDtype,
  type StoredTensor,
} from './formats/safetensors.ts';
