import { presets } from '../../data/policy.ts';
import { defaultRandomShare } from '../../label/findings/acquisition.ts';
import { labellingMethods } from '../../label/methods/method_registry.ts';
import { optimizerNames } from '../../optim/named_optimizer.ts';
import { precisions } from '../../pretext/precision.ts';
import { defaultMethod, type MethodName, methodSettings, pretextMethods } from '../../pretext/registry.ts';
import { type SettingsOf, settingsTable } from '../../setting.ts';
import { knownEncoders } from '../hub/names.ts';
import { byAdapter } from './data.ts';

/**
 * Everything that a user can set, a row each. Command-line flags and their help, the options in config.json, what a
 * resume keeps and the names in messages all derive from these rows.
 */

const policyNames = Object.keys(presets).join(', ');
const pretextNames = Object.keys(pretextMethods) as MethodName[];

/** The pretext task: what is learned, by which network, for how long. */
export const pretextSettings = settingsTable({
  pretext: {
    kind: { type: 'choice', of: pretextNames },
    unit: 'name',
    help: `pretext task. ${Object.values(pretextMethods)
      .map(({ name, summary }) => `${name}: ${summary}`)
      .join('; ')}`,
    default: defaultMethod,
    alias: 'method',
  },
  pretextFrom: {
    kind: { type: 'text' },
    unit: 'encoder',
    help: "trained encoder that the pretext task goes on from: a weights file, a folder, one of the hub, or base for kindred's own; the network is that encoder's",
    chosen: 'weights drawn from the seed',
  },
  pretextFromConfig: {
    kind: { type: 'text' },
    unit: 'file',
    help: 'what the weights file of that encoder does not say, as JSON or a file of it',
  },
  minutes: {
    kind: { type: 'real', above: 0 },
    unit: 'n',
    help: 'how long pretraining may take; sets the epochs',
    chosen: 'by adapter',
  },
  epochs: {
    kind: { type: 'whole', min: 1 },
    unit: 'n',
    help: 'passes over the images, or as many drawn from the labelled ones',
    chosen: 'as the minutes allow',
  },
  batch: { kind: { type: 'whole', min: 2, max: 65536 }, unit: 'n', help: 'images a step', chosen: byAdapter },
  chunk: {
    kind: { type: 'whole', min: 1, max: 65536 },
    unit: 'n',
    help: 'images whose activations are kept at once, a divisor of the batch; the loss and its gradient are those of the whole batch, batch norm in training takes the statistics of a chunk',
    chosen: 'the batch where it fits in 3 GiB, of more than 512 images in 1 GiB; else what fits in 1 GiB',
  },
  policy: {
    kind: { type: 'preset' },
    unit: 'policy',
    help: `augmentation: ${policyNames}, or JSON`,
    chosen: 'by method and image size',
  },
  family: {
    kind: { type: 'choice', of: ['resnet', 'vit'] },
    unit: 'name',
    help: 'of the encoder: a ResNet, or a vision transformer',
    chosen: 'resnet',
  },
  patch: {
    kind: { type: 'whole', min: 1, max: 256 },
    unit: 'pixels',
    help: 'side of the squares that are the tokens of a ViT, a divisor of the image size',
    chosen: 'the smallest that gives at most 14 along a side',
  },
  blocks: {
    kind: { type: 'whole', min: 1, max: 64 },
    unit: 'n',
    help: 'of the ViT',
    chosen: '6',
  },
  depth: {
    kind: { type: 'choice', of: ['18', '34', '50', '101'] },
    unit: 'n',
    help: 'of the ResNet',
    chosen: '18',
  },
  width: {
    kind: { type: 'whole', min: 1, max: 1024 },
    unit: 'n',
    help: "channels of the ResNet's first stage, or of the ViT's tokens",
    chosen: "by adapter; 64 is the published of a ResNet, 192 a tiny ViT's",
  },
  stem: {
    kind: { type: 'choice', of: ['cifar', 'imagenet'] },
    unit: 'kind',
    help: 'cifar: 3×3 stride 1; imagenet: 7×7 stride 2, pool',
    chosen: 'by image size',
  },
  ...methodSettings,
  optimizer: {
    kind: { type: 'choice', of: optimizerNames },
    unit: 'name',
    help: 'what moves the weights',
    chosen: 'sgd; adamw of a ViT',
  },
  learningRate: {
    kind: { type: 'real', above: 0 },
    unit: 'x',
    help: 'at its peak',
    chosen: 'by optimizer and batch',
  },
  momentum: { kind: { type: 'real', min: 0 }, unit: 'x', help: 'of sgd and lars', default: 0.9 },
  weightDecay: {
    kind: { type: 'real', min: 0 },
    unit: 'x',
    help: 'not on biases and normalisation',
    chosen: 'by optimizer',
  },
  warmup: {
    kind: { type: 'whole', min: 0 },
    unit: 'epochs',
    help: 'epochs of rising learning rate',
    chosen: 'a tenth, at most 10',
  },
  precision: {
    kind: { type: 'choice', of: precisions },
    unit: 'type',
    help: 'of stored activations in the pretext task. f16: half the memory, for graphics cards',
    default: 'f32',
  },
});

/** The setting `pretext` of jobs that can do without a pretext task. */
export const optionalPretext = {
  ...pretextSettings.pretext,
  kind: { type: 'choice', of: [...pretextNames, 'none'] },
  help: `${pretextSettings.pretext.help}; none: start from given encoders and features alone`,
} as const;

/** What downstream methods start from, beside the encoder that the pretext task trains. */
export const startSettings = settingsTable({
  encoder: {
    kind: { type: 'text' },
    unit: 'encoder',
    help: `a trained encoder: its weights file (safetensors or PyTorch), a folder with model.safetensors and config.json, base for kindred's own, or none; of the hub by hf:owner/name[@revision] or one of ${Object.keys(knownEncoders).join(', ')}`,
    default: 'base',
  },
  weights: {
    kind: { type: 'text' },
    unit: 'encoder',
    help: 'a further trained encoder to compare: a weights file, a folder, or one of the hub',
  },
  encoderConfig: {
    kind: { type: 'text' },
    unit: 'file',
    help: 'what the weights file of the encoder does not say, as JSON or a file of it',
  },
  features: {
    kind: { type: 'text' },
    unit: 'file',
    help: 'features of the images by any other model: .npy, .npz, .safetensors or .parquet',
  },
  featurePaths: {
    kind: { type: 'text' },
    unit: 'file',
    help: 'the path of the image that each row of the features is of, one a line',
    chosen: 'a path column, or FILE.paths.txt beside the features',
  },
});

/** The labelling: which methods, checked how, promising what. */
export const labellingSettings = settingsTable({
  groups: {
    kind: { type: 'text' },
    unit: 'groups',
    help: "images that count as one observation, such as the frames of a burst or the slides of a patient: none, folder, exif (photos of one camera, each within 60 seconds of the one before; exif:SECONDS for others), name:PATTERN ({group} stands for the group's name, * for any text, # for digits, as in name:{group}_*), column:NAME of the labels file, or FILE.csv:COLUMN of a table with a column path",
    chosen: 'series that names or folders show',
  },
  targetError: {
    kind: { type: 'share' },
    unit: 'share',
    help: 'largest error allowed among automatic labels, with 95% confidence',
    default: 0.05,
  },
  methods: {
    kind: { type: 'choices', of: labellingMethods },
    unit: 'names',
    help: `compare only these: ${labellingMethods.join(', ')}`,
    chosen: 'all that the adapter has time for',
  },
  folds: {
    kind: { type: 'whole', min: 2, max: 100 },
    unit: 'n',
    help: 'folds of the given labels',
    chosen: '5, fewer on a slow adapter',
  },
  steps: {
    kind: { type: 'whole', min: 1 },
    unit: 'n',
    help: 'steps of a training on labels',
    chosen: '60 passes over them, 150 to 600 steps, fewer on a slow adapter',
  },
  fineTune: {
    kind: { type: 'text' },
    unit: 'part',
    help: 'what fine-tuning trains of a vision transformer: whole, last:N for its last N blocks, or lora:RANK for adapters beside its attention; a ResNet is trained whole',
    default: 'lora:8',
  },
  layerDecay: {
    kind: { type: 'share', ends: true },
    unit: 'share',
    help: 'what fine-tuning multiplies the learning rate by from each block to the one before it; 1: one rate for all',
    chosen: '0.75 of a vision transformer, 1 of a ResNet',
  },
  dropPath: {
    kind: { type: 'share', ends: true },
    unit: 'share',
    help: 'how often fine-tuning leaves out branches of the last block of a vision transformer, earlier ones less',
    chosen: '0.1, 0 with adapters',
  },
  draws: {
    kind: { type: 'whole', min: 1, max: 100 },
    unit: 'n',
    help: 'repeat the comparison on so many draws of the labels per class',
    default: 1,
  },
  budget: {
    kind: { type: 'whole', min: 1, max: 10_000 },
    unit: 'n',
    help: 'images to propose for labelling next',
    default: 40,
  },
  randomShare: {
    kind: { type: 'share', ends: true },
    unit: 'share',
    help: 'of the images to label next, how many are drawn at random from all that have no label: these check a promise, the others only teach',
    default: defaultRandomShare,
  },
  auditSize: {
    kind: { type: 'whole', min: 1, max: 100_000 },
    unit: 'n',
    help: 'automatic labels to draw at random, of which a person checks as many as wanted, from the top',
    default: 300,
  },
});

/** Whether anything may come over the network. */
export const downloadSettings = settingsTable({
  download: {
    kind: { type: 'flag' },
    help: 'fetch encoders of the hub that the cache lacks, without a question',
    default: false,
  },
});

/** How long kernels may be timed. */
export const tuningSettings = settingsTable({
  tune: {
    kind: { type: 'real', min: 0 },
    unit: 'seconds',
    help: 'time kernels for this adapter at most so long, where their fastest is not known yet; kept for later',
    chosen: '20 on a graphics card, 0 on the processor',
  },
});

/** Where a run's files go, and whether one is gone on with. */
export const runSettings = settingsTable({
  out: { kind: { type: 'text' }, unit: 'folder', help: "the run's folder", chosen: 'runs/<date>-<method>' },
  resume: {
    kind: { type: 'flag' },
    help: 'go on from the checkpoint in the run’s folder; settings that you leave open stay as that run was started',
  },
});

/** What the pretext task is, with defaults filled in. */
export type PretextSettings = SettingsOf<typeof pretextSettings>;
/** What downstream methods start from, with defaults filled in. */
export type StartSettings = SettingsOf<typeof startSettings>;
/** How images are labelled, with defaults filled in. */
export type LabellingSettings = SettingsOf<typeof labellingSettings>;
/** How long kernels may be timed. */
export type TuningSettings = SettingsOf<typeof tuningSettings>;
