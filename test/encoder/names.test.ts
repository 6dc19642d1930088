import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readWeights } from '../../src/encoder/encoder_weights.ts';
import type { StoredTensor } from '../../src/formats/safetensors.ts';
import type { EncoderOptions } from '../../src/nn/family_registry.ts';
import {
  behind,
  cifar100,
  convModules,
  kuangliu,
  numbered,
  openMmlab,
  type Rename,
  simclrV2,
  transformers,
} from './renames.ts';
import { renamed, weightsFile } from './weights_fixture.ts';

const basic = { depth: 18, width: 2, stem: 'cifar' } as const;
const imagenet = { depth: 18, width: 2, stem: 'imagenet' } as const;
const bottlenecks = { depth: 50, width: 1, stem: 'imagenet' } as const;
const deep = { depth: 50, width: 2, stem: 'deep', downsample: 'average' } as const;
const cifar = { family: 'cifar-resnet', depth: 20, width: 2 } as const;
const projecting = { ...cifar, shortcut: 'projection' } as const;

const one = (shape: number[], value = 1): StoredTensor => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

interface Source {
  readonly options: EncoderOptions;
  readonly rename: Rename;
  /** Further tensors of the file. */
  readonly beside?: Readonly<Record<string, number[]>>;
  readonly prefix: string;
  readonly naming?: string;
  readonly passedOver?: readonly string[];
  readonly leftOver?: readonly string[];
  readonly note?: RegExp;
}

const sources: Readonly<Record<string, Source>> = {
  torchvision: {
    options: imagenet,
    rename: behind(''),
    beside: { 'fc.weight': [5, 16], 'fc.bias': [5] },
    prefix: '',
    leftOver: ['fc'],
  },
  'timm, ResNet-D': { options: deep, rename: behind(''), prefix: '', naming: 'torchvision' },
  'torch.compile of DataParallel': {
    options: basic,
    rename: behind('module._orig_mod.'),
    prefix: 'module._orig_mod.',
  },
  'Lightning, any attributes': {
    options: basic,
    rename: behind('state_dict.model.net.network.'),
    prefix: 'state_dict.model.net.network.',
  },
  'lightly, children of torchvision’s': {
    options: imagenet,
    rename: numbered('state_dict.backbone.', 0, 1, 4),
    beside: {
      'state_dict.projection_head.layers.0.weight': [4, 16],
      'state_dict.projection_head.layers.1.weight': [4],
      'state_dict.projection_head.layers.1.running_mean': [4],
    },
    prefix: 'state_dict.backbone.',
    naming: 'the numbers of a torch.nn.Sequential',
    leftOver: ['projection_head'],
  },
  'lightly, its own ResNet': {
    options: basic,
    rename: numbered('model.backbone.', 0, 1, 2, 'shortcut'),
    prefix: 'model.backbone.',
  },
  'lightly, momentum': {
    options: basic,
    rename: (name) =>
      ['backbone.', 'backbone_momentum.'].map((prefix) => numbered(prefix, 0, 1, 2)(name) as string),
    prefix: 'backbone.',
    passedOver: ['backbone_momentum.'],
  },
  'leftthomas/SimCLR': {
    options: basic,
    rename: numbered('f.', 0, 1, 3),
    beside: { 'g.0.weight': [4, 16], 'g.2.weight': [4, 4] },
    prefix: 'f.',
    leftOver: ['g'],
  },
  fastai: {
    options: imagenet,
    rename: numbered('model.0.', 0, 1, 4),
    beside: { 'model.1.2.weight': [32], 'model.1.2.running_mean': [32], 'model.1.4.weight': [8, 32] },
    prefix: 'model.0.',
  },
  'timm’s children with a deep stem': {
    options: deep,
    rename: (name) =>
      name
        .replace(/^conv1\./, '0.')
        .replace(/^bn1\./, '1.')
        .replace(/^layer(\d)/, (_, k) => `${3 + Number(k)}`),
    prefix: '',
  },
  'solo-learn': {
    options: basic,
    rename: behind('state_dict.backbone.', 'state_dict.momentum_backbone.'),
    beside: {
      'state_dict.classifier.weight': [3, 16],
      'state_dict.classifier.bias': [3],
      'state_dict.projector.0.weight': [4, 16],
    },
    prefix: 'state_dict.backbone.',
    passedOver: ['state_dict.momentum_backbone.'],
    note: /padding 1.*solo-learn's for CIFAR, pad by 2/,
  },
  'UvA tutorial': {
    options: imagenet,
    rename: behind('state_dict.convnet.'),
    beside: { 'state_dict.convnet.fc.0.weight': [8, 16], 'state_dict.convnet.fc.2.weight': [4, 8] },
    prefix: 'state_dict.convnet.',
    leftOver: ['fc'],
  },
  MoCo: {
    options: bottlenecks,
    rename: behind('state_dict.module.encoder_k.', 'state_dict.module.encoder_q.'),
    beside: {
      'state_dict.module.encoder_q.fc.weight': [4, 32],
      'state_dict.module.encoder_q.fc.bias': [4],
      'state_dict.module.queue': [4, 8],
    },
    prefix: 'state_dict.module.encoder_q.',
    passedOver: ['state_dict.module.encoder_k.'],
    leftOver: ['encoder_k', 'fc', 'queue'],
    note: /query encoder/,
  },
  SimSiam: {
    options: bottlenecks,
    rename: behind('state_dict.module.encoder.'),
    beside: {
      'state_dict.module.encoder.fc.0.weight': [32, 32],
      'state_dict.module.predictor.0.weight': [8, 32],
    },
    prefix: 'state_dict.module.encoder.',
  },
  BYOL: {
    options: imagenet,
    rename: behind('target_encoder.net.', 'online_encoder.net.'),
    prefix: 'online_encoder.net.',
    note: /online encoder/,
  },
  SwAV: {
    options: bottlenecks,
    rename: behind('module.'),
    beside: {
      'module.projection_head.0.weight': [8, 32],
      'module.projection_head.1.running_mean': [8],
      'module.prototypes.weight': [9, 8],
    },
    prefix: 'module.',
    leftOver: ['projection_head', 'prototypes'],
  },
  DINO: {
    options: bottlenecks,
    rename: behind('student.module.backbone.', 'teacher.backbone.'),
    prefix: 'teacher.backbone.',
    note: /teacher/,
  },
  'timm, EMA': {
    options: imagenet,
    rename: behind('state_dict.', 'state_dict_ema.'),
    prefix: 'state_dict_ema.',
    note: /moving average/,
  },
  VISSL: {
    options: bottlenecks,
    rename: behind('classy_state_dict.base_model.model.trunk._feature_blocks.'),
    beside: { 'classy_state_dict.base_model.model.heads.0.clf.0.weight': [8, 32] },
    prefix: 'classy_state_dict.base_model.model.trunk._feature_blocks.',
  },
  'SimCLRv2-Pytorch': {
    options: bottlenecks,
    rename: simclrV2,
    beside: { 'head.layers.0.weight': [32, 32] },
    prefix: 'resnet.',
    naming: 'google-research/simclr as SimCLRv2-Pytorch converts it',
  },
  'Hugging Face': {
    options: bottlenecks,
    rename: transformers('resnet.'),
    beside: { 'classifier.1.weight': [7, 32], 'classifier.1.bias': [7] },
    prefix: 'resnet.',
    naming: 'Hugging Face transformers',
    leftOver: ['classifier'],
  },
  'Hugging Face, no head': { options: imagenet, rename: transformers(''), prefix: '' },
  'OpenMMLab, ResNet-D': { options: deep, rename: openMmlab, prefix: 'state_dict.backbone.' },
  'mmpretrain, ResNet-D': { options: deep, rename: convModules, prefix: 'backbone.' },
  'NVIDIA DeepLearningExamples': {
    options: bottlenecks,
    rename: (name) => `module.${name.replace(/^layer(\d)/, (_, k) => `layers.${k - 1}`)}`,
    prefix: 'module.',
  },
  'pytorch-cifar': {
    options: basic,
    rename: (name) => `net.module.${kuangliu(name)}`,
    beside: { 'net.module.linear.weight': [10, 16], 'net.module.linear.bias': [10] },
    prefix: 'net.module.',
    naming: 'pytorch-cifar',
    leftOver: ['linear'],
  },
  'pytorch-cifar100': { options: basic, rename: cifar100, prefix: '', naming: 'pytorch-cifar100' },
  'pytorch-cifar100, bottlenecks': {
    options: { ...bottlenecks, stem: 'cifar' },
    rename: cifar100,
    prefix: '',
  },
  'Idelbayev’s CIFAR ResNet-20': {
    options: cifar,
    rename: behind('state_dict.module.'),
    beside: {
      'state_dict.module.linear.weight': [10, 8],
      'state_dict.module.linear.bias': [10],
      best_prec1: [],
    },
    prefix: 'state_dict.module.',
    leftOver: ['linear', 'best_prec1'],
  },
  'chenyaofo’s CIFAR ResNet-20': { options: projecting, rename: behind(''), prefix: '' },
  'detection, frozen norms': {
    options: bottlenecks,
    rename: behind('model.backbone.body.'),
    beside: { 'model.backbone.fpn.inner_blocks.0.0.weight': [4, 4, 1, 1] },
    prefix: 'model.backbone.body.',
    leftOver: ['fpn'],
  },
};

for (const [
  title,
  { options, rename, beside = {}, prefix, naming, passedOver, leftOver, note },
] of Object.entries(sources)) {
  test(`${title}: every tensor under its own name`, () => {
    const expected = readWeights(weightsFile(options), 'x');
    assert.equal(expected.encoder, options);
    const file = weightsFile(options, (tensors) => {
      for (const name of [...tensors.keys()])
        if (name.endsWith('.running_var'))
          tensors.set(name.replace('running_var', 'num_batches_tracked'), {
            dtype: 'I64',
            shape: [],
            data: BigInt64Array.of(7n),
          });
      renamed(rename)(tensors);
      for (const [name, shape] of Object.entries(beside)) tensors.set(name, one(shape));
    });
    const { encoder, tensors, source } = readWeights(file, 'x');
    assert.equal(encoder, options);
    assert.equal(tensors, expected.tensors);
    assert.is(source.prefix, prefix);
    if (naming !== undefined) assert.ok(source.namings.includes(naming), source.namings.join());
    if (passedOver) assert.equal(source.passedOver, passedOver);
    if (leftOver) assert.equal([...source.leftOver].sort(), [...leftOver].sort());
    if (note) assert.match(source.notes.join(' '), note);
  });
}

test.run();
