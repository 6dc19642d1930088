import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readWeights } from '../../src/encoder/encoder_weights.ts';
import { describeOther } from '../../src/encoder/names/other_files.ts';
import { encodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import type { EncoderOptions } from '../../src/nn/family_registry.ts';
import { refusal, renamed, stateDict, weightsFile } from './weights_fixture.ts';

const narrow = { depth: 18, width: 2, stem: 'cifar' } as const;
const bottlenecks = { depth: 50, width: 2, stem: 'imagenet' } as const;

const zeros = (...shape: number[]): StoredTensor => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
const refused = (bytes: Uint8Array) => refusal(bytes, readWeights);
const changed = (change: (tensors: Map<string, StoredTensor>) => void, options: EncoderOptions = narrow) =>
  refused(weightsFile(options, change));
const named = (...names: string[]) =>
  refused(encodeSafetensors(new Map(names.map((name) => [name, zeros(2, 3, 1, 1)]))));

test('weights of another family are called what they look like', () => {
  const families: [RegExp, string][] = [
    [
      /holds a vision transformer \(ViT\) of another kind, or a part of one, by its tensor "blocks\.0\.attn\.qkv\.weight"/,
      'blocks.0.attn.qkv.weight',
    ],
    [/a vision transformer/, 'encoder.layers.encoder_layer_0.self_attention.in_proj_weight'],
    [/a vision transformer/, 'vit.encoder.layer.0.attention.attention.query.weight'],
    [/a vision transformer/, 'teacher.backbone.cls_token'],
    [/a vision transformer/, 'embeddings.patch_embeddings.projection.weight'],
    [/a Swin transformer/, 'layers.0.blocks.0.attn.relative_position_bias_table'],
    [/CLIP/, 'vision_model.embeddings.class_embedding'],
    [/CLIP/, 'visual.proj'],
    [/a language model/, 'bert.embeddings.word_embeddings.weight'],
    [/a VGG network or an AlexNet/, 'features.0.weight'],
    [/a DenseNet/, 'features.denseblock1.denselayer1.conv1.weight'],
    [/an EfficientNet/, '_blocks.0._depthwise_conv.weight'],
    [/an EfficientNet/, 'features.1.0.block.0.0.weight'],
    [/an EfficientNet or MobileNet/, 'blocks.0.0.conv_dw.weight'],
    [/a MobileNet/, 'features.1.conv.0.0.weight'],
    [/a ConvNeXt/, 'stages.0.blocks.0.conv_dw.weight'],
    [/a ConvNeXt/, 'features.1.0.layer_scale'],
    [/a ConvNeXt/, 'encoder.stages.0.layers.0.dwconv.weight'],
    [/an Inception network/, 'Mixed_5b.branch1x1.conv.weight'],
    [/a RegNet/, 'trunk_output.block1.block1-0.proj.0.weight'],
    [/a wide ResNet with norms before/, 'block1.layer.0.conv1.weight'],
    [/BiT/, 'block1.unit01.conv1.weight'],
    [/Detectron's ResNet, whose pixels are BGR/, 'backbone.bottom_up.res2.0.conv1.weight'],
    [/a YOLO network/, 'model.model.0.conv.weight'],
    [/no ResNet that kindred knows \(its tensors are "a", "b", "c" and 1 more\)/, 'a'],
  ];
  for (const [message, name] of families)
    assert.match(named(name, ...(name === 'a' ? ['b', 'c', 'd'] : [])), message);
});

test('files without a network say what they hold', () => {
  const state = encodeSafetensors(
    new Map([
      ['optimizer.state.0.exp_avg', zeros(2, 2)],
      ['optimizer.state.0.exp_avg_sq', zeros(2, 2)],
      ['optimizer.state.0.step', zeros()],
    ]),
  );
  assert.match(
    refused(state),
    /holds an optimizer's state only \(its tensors are "optimizer\.state\.0\.exp_avg"/,
  );
  const head = encodeSafetensors(
    new Map([
      ['fc.weight', zeros(10, 64)],
      ['fc.bias', zeros(10)],
    ]),
  );
  assert.match(
    refused(head),
    /holds linear layers only \(its tensors are "fc\.bias" \[10\], "fc\.weight" \[10, 64\]\)/,
  );
  assert.match(refused(encodeSafetensors(new Map())), /holds no tensors/);
  const volume = encodeSafetensors(new Map([['stem.0.weight', zeros(4, 3, 3, 7, 7)]]));
  assert.match(
    refused(volume),
    /holds a network of volumes or videos \("stem\.0\.weight" of shape \[4, 3, 3, 7, 7\]\)/,
  );
  assert.is(
    describeOther(new Map([['fc.weight', zeros(2, 2)]]), new Map([['conv1.weight', 'is quantised']])),
    'holds a network whose "conv1.weight" is quantised',
  );
});

test('networks that only share a ResNet’s names are refused by what they compute', () => {
  const norm = /\.running_(?:mean|var)$/;
  const drop = (pattern: RegExp) => (all: Map<string, StoredTensor>) => {
    for (const name of [...all.keys()]) if (pattern.test(name)) all.delete(name);
  };
  const none = /norms have no running statistics: instance or group norm, which kindred does not run/;
  assert.match(changed(drop(norm)), none);
  // InstanceNorm2d has no tensors at all: https://github.com/binli123/dsmil-wsi/issues/42
  assert.match(changed(drop(/bn|downsample\.1/)), none);
  assert.match(
    changed((all) => {
      drop(/bn|downsample\.1/)(all);
      for (const [name, { shape }] of [...all]) all.set(name.replace('weight', 'bias'), zeros(shape[0]!));
    }),
    /norms were folded into its convolutions/,
  );
  assert.match(
    changed((all) => {
      renamed((name) => `visual.${name}`)(all);
      all.set('visual.attnpool.q_proj.weight', zeros(2, 2));
    }),
    /is CLIP's ResNet/,
  );
  assert.match(
    changed((all) => {
      for (const [name, { shape }] of [...all])
        if (/^layer\d\.\d+\.conv2\.weight$/.test(name)) all.set(name, zeros(shape[0]!, shape[1]! / 2, 3, 3));
    }, bottlenecks),
    /is a ResNeXt \("layer1\.0\.conv2\.weight" of shape \[2, 1, 3, 3\] is a convolution in 2 groups\)/,
  );
  assert.match(
    changed((all) => all.set('layer2.0.bn1.weight', zeros(2))),
    /norms before its convolutions \("layer2\.0\.bn1\.weight" has 2 channels\)/,
  );
});

test('weights that cannot see are refused', () => {
  assert.match(
    changed((all) => all.set('conv1.weight', zeros(2, 3, 3, 3))),
    /only zeros in "conv1\.weight" \(1 of its 20/,
  );
  assert.match(
    changed((all) => {
      for (const [name, { shape }] of [...all])
        if (shape.length === 4 && name !== 'conv1.weight') all.set(name, zeros(...shape));
    }),
    /only zeros in "layer1\.0\.conv1\.weight" \(19 of its 20/,
  );
  assert.match(
    changed((all) => {
      renamed((name) => `module.${name}`)(all);
      const { shape, data } = all.get('module.layer4.1.bn2.bias')!;
      all.set('module.layer4.1.bn2.bias', {
        dtype: 'F32',
        shape,
        data: Float32Array.from(data as Float32Array, () => Number.POSITIVE_INFINITY),
      });
    }),
    /has values in "module\.layer4\.1\.bn2\.bias" that are not finite/,
  );
  // A single silent convolution of a whole network is no reason.
  readWeights(
    weightsFile(narrow, (all) => all.set('layer4.1.conv2.weight', zeros(16, 16, 3, 3))),
    'x',
  );
});

test('a file that almost fits says what is missing, unfit and left over, by the file’s names', () => {
  const message = changed((all) => {
    all.delete('layer3.0.conv2.weight');
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      all.set(`layer4.1.bn1.${part}`, zeros(5));
    for (const name of ['layer1.0.se.fc.weight', 'layer1.1.se.fc.weight', 'layer2.0.se.fc.weight'])
      all.set(name, zeros(2, 2));
    renamed((name) => `backbone.${name}`)(all);
  });
  assert.is(
    message.replace(/: give .*/, ''),
    'w.safetensors lacks "layer3.0.conv2.weight" of shape [8, 8, 3, 3]; has "backbone.layer4.1.bn1.weight" of shape [5], not [16], "backbone.layer4.1.bn1.bias" of shape [5], not [16] and 2 more; holds "backbone.layer1.0.se.fc.weight", "backbone.layer1.1.se.fc.weight" and 1 more, which a ResNet-18 does not have',
  );
});

test('several encoders without a role are not guessed at; copies are one', () => {
  const other = new Map(
    [...stateDict({ ...narrow, width: 3 })].map(([name, tensor]) => [`right.${name}`, tensor]),
  );
  const both = changed((all) => {
    renamed((name) => `left.${name}`)(all);
    for (const [name, tensor] of other) all.set(name, tensor);
  });
  assert.match(both, /holds several encoders \("left\.…" and "right\.…"\) and does not say which is meant/);
  const copies = weightsFile(
    narrow,
    renamed((name) => [`module.attacker.model.${name}`, `module.model.${name}`]),
  );
  assert.is(readWeights(copies, 'x').source.prefix, 'module.model.');
  // A whole one before one that is not, whatever they are called.
  const half = weightsFile(narrow, (all) => {
    renamed((name) => [`teacher.${name}`, `student.${name}`])(all);
    all.delete('teacher.layer4.1.bn2.bias');
  });
  const { prefix, notes } = readWeights(half, 'x').source;
  assert.is(prefix, 'student.');
  assert.match(notes.join(' '), /holds 2 encoders; the one taken is the only one that is whole/);
});

test.run();
