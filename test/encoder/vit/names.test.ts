import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readWeights, type StatedOptions } from '../../../src/encoder/encoder_weights.ts';
import { encodeSafetensors, type StoredTensor } from '../../../src/formats/safetensors.ts';
import type { ViTOptions } from '../../../src/nn/vit/vit.ts';
import { engineTensors, vitTensors } from '../../nn/vit/fixture.ts';
import { refusal } from '../weights_fixture.ts';

// How programs name what timm calls otherwise: the way back of src/encoder/names/vit/naming.ts, written anew.
type Rename = (name: string) => string;

const plain: ViTOptions = { patch: 2, grid: 3, width: 8, depth: 2 };
const scaled: ViTOptions = { ...plain, layerScale: true };
const withRegisters: ViTOptions = { ...scaled, registers: 3 };

const timm: Rename = (name) => name;
const meta: Rename = (name) => name.replace('reg_token', 'register_tokens');
const chunked: Rename = (name) => meta(name).replace(/^blocks\.(\d)/, 'blocks.0.$1');
const huggingFace =
  (names: Readonly<Record<string, string>>): Rename =>
  (name) =>
    Object.entries(names).reduce(
      (own, [from, to]) => own.replace(from, to),
      name
        .replace('cls_token', 'embeddings.cls_token')
        .replace('reg_token', 'embeddings.register_tokens')
        .replace('pos_embed', 'embeddings.position_embeddings')
        .replace('patch_embed.proj', 'embeddings.patch_embeddings.projection')
        .replace(/^norm\./, 'layernorm.')
        .replace(/^blocks/, 'encoder.layer')
        .replace('attn.proj', 'attention.output.dense'),
    );
const dinov2 = huggingFace({ 'ls1.gamma': 'layer_scale1.lambda1', 'ls2.gamma': 'layer_scale2.lambda1' });
const vit = huggingFace({
  'norm1.': 'layernorm_before.',
  'norm2.': 'layernorm_after.',
  'mlp.fc1': 'intermediate.dense',
  'mlp.fc2': 'output.dense',
});
const torchvision: Rename = (name) =>
  name
    .replace('cls_token', 'class_token')
    .replace('pos_embed', 'encoder.pos_embedding')
    .replace('patch_embed.proj', 'conv_proj')
    .replace(/^norm\./, 'encoder.ln.')
    .replace(/^blocks\.(\d)\./, 'encoder.layers.encoder_layer_$1.')
    .replace(/norm(\d)\./, 'ln_$1.')
    .replace('attn.qkv.', 'self_attention.in_proj_')
    .replace('attn.proj', 'self_attention.out_proj')
    .replace('mlp.fc1', 'mlp.0')
    .replace('mlp.fc2', 'mlp.3');

/** A file's tensors: renamed, queries, keys and values apart where `rename` is Hugging Face's. */
function fileOf(
  options: ViTOptions,
  rename: Rename,
  beside: Readonly<Record<string, number[]>> = {},
): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of vitTensors(options)) {
    const own = rename(name);
    const [, before, after] = /^(.*encoder\.layer\.\d+\.)attn\.qkv\.(.*)$/.exec(own) ?? [];
    const parts =
      before === undefined
        ? [own]
        : ['query', 'key', 'value'].map((part) => `${before}attention.attention.${part}.${after}`);
    const [rows, ...rest] = shape;
    const each = data.length / parts.length;
    parts.forEach((part, i) => {
      const share = data.slice(i * each, (i + 1) * each);
      tensors.set(part, { dtype: 'F32', shape: [rows! / parts.length, ...rest], data: share });
    });
  }
  for (const [name, shape] of Object.entries(beside))
    tensors.set(name, {
      dtype: 'F32',
      shape,
      data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
    });
  return tensors;
}

const behind =
  (prefix: string, rename: Rename): Rename =>
  (name) =>
    prefix + rename(name);

const sources: Readonly<
  Record<
    string,
    {
      options: ViTOptions;
      rename: Rename;
      beside?: Record<string, number[]>;
      prefix?: string;
      naming: string;
      positions: string;
    }
  >
> = {
  'timm’s ViT': {
    options: plain,
    rename: timm,
    beside: { 'head.weight': [5, 8], 'head.bias': [5] },
    naming: 'timm',
    positions: 'antialias',
  },
  'timm’s DINOv2 with registers, whose class token has no position': {
    options: { ...withRegisters, classPosition: false },
    rename: timm,
    naming: 'timm',
    positions: 'antialias',
  },
  'Meta’s DINOv2': {
    options: scaled,
    rename: meta,
    beside: { mask_token: [1, 8] },
    naming: "Meta's DINOv2",
    positions: 'offset',
  },
  'Meta’s DINOv2 with registers': {
    options: withRegisters,
    rename: meta,
    beside: { mask_token: [1, 8] },
    naming: "Meta's DINOv2",
    positions: 'antialias',
  },
  'a teacher of Meta’s training, its blocks in chunks': {
    options: scaled,
    rename: behind('teacher.backbone.', chunked),
    beside: { 'teacher.backbone.mask_token': [1, 8], 'teacher.dino_head.mlp.0.weight': [4, 8] },
    prefix: 'teacher.backbone.',
    naming: "Meta's DINOv2",
    positions: 'offset',
  },
  'Hugging Face’s Dinov2Model': {
    options: scaled,
    rename: dinov2,
    beside: { 'embeddings.mask_token': [1, 8] },
    naming: 'Hugging Face transformers',
    positions: 'size',
  },
  'Hugging Face’s Dinov2WithRegistersForImageClassification': {
    options: withRegisters,
    rename: behind('dinov2_with_registers.', dinov2),
    beside: { 'classifier.weight': [5, 16], 'classifier.bias': [5] },
    prefix: 'dinov2_with_registers.',
    naming: 'Hugging Face transformers',
    positions: 'antialias',
  },
  'Hugging Face’s ViTForImageClassification': {
    options: plain,
    rename: behind('vit.', vit),
    beside: { 'classifier.weight': [5, 8], 'vit.pooler.dense.weight': [8, 8] },
    prefix: 'vit.',
    naming: 'Hugging Face transformers',
    positions: 'size',
  },
  'torchvision’s vit_b_16': {
    options: plain,
    rename: torchvision,
    beside: { 'heads.head.weight': [5, 8] },
    naming: 'torchvision',
    positions: 'corners',
  },
  'a ViT without biases of queries, keys and values': {
    options: { ...plain, qkvBias: false, mlpRatio: 1.5 },
    rename: dinov2,
    naming: 'Hugging Face transformers',
    positions: 'size',
  },
};

for (const [title, { options, rename, beside, prefix = '', naming, positions }] of Object.entries(sources))
  test(`${title}: every tensor is found, under whatever name`, () => {
    const read = readWeights(encodeSafetensors(fileOf(options, rename, beside)), 'w.safetensors');
    assert.equal(read.encoder, { family: 'vit', ...options });
    const expected = engineTensors(options);
    assert.equal([...read.tensors.keys()].sort(), [...expected.keys()].sort());
    for (const [name, data] of expected) assert.equal(read.tensors.get(name), data, name);
    assert.equal(read.source.namings, [naming]);
    assert.is(read.source.prefix, prefix);
    assert.is(read.positions, positions);
    assert.ok(read.source.notes.some((note) => /taken to have 1 head of 8 channels/.test(note)));
    const others = Object.keys(beside ?? {});
    assert.ok(others.length === 0 || read.source.leftOver.length > 0, 'what is not the encoder’s is told');
  });

test('the teacher is taken of a file with teacher and student', () => {
  const both = new Map([
    ...fileOf(scaled, behind('student.backbone.', meta)),
    ...fileOf({ ...scaled }, behind('teacher.backbone.', meta)),
  ]);
  both.set('student.backbone.cls_token', { dtype: 'F32', shape: [1, 1, 8], data: new Float32Array(8) });
  const { source } = readWeights(encodeSafetensors(both), 'w.safetensors');
  assert.is(source.prefix, 'teacher.backbone.');
});

test('heads, ε and what stands for an image are as somebody states them', () => {
  const stated: StatedOptions = { heads: 2, epsilon: 1e-12, pooling: 'mean' };
  const file = encodeSafetensors(fileOf(plain, timm));
  assert.equal(readWeights(file, 'w.safetensors', stated).encoder, { family: 'vit', ...plain, ...stated });
  const misfit = refusal(file, (bytes, name) => readWeights(bytes, name, { heads: 3 }));
  assert.match(
    misfit,
    /has a width of 8, which is no whole number of 3 heads of a multiple of four channels: give/,
  );
});

test('transformers of other kinds are refused, saying what they have or lack', () => {
  const without = (name: string, rename: Rename = timm) => {
    const tensors = fileOf(scaled, rename);
    tensors.delete(name);
    return encodeSafetensors(tensors);
  };
  const withMore = (beside: Record<string, number[]>, rename: Rename = timm) =>
    encodeSafetensors(fileOf(plain, rename, beside));
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [without('pos_embed'), /has no positions \("pos_embed"\)/],
    [without('cls_token'), /is a ViT without a class token/],
    [without('blocks.1.mlp.fc1.weight'), /lacks "blocks\.1\.mlp\.fc1\.weight" of shape \[32, 8\]/],
    [
      without('encoder.layer.0.attention.attention.key.weight', dinov2),
      /lacks "blocks\.0\.attn\.qkv\.weight" of shape \[24, 8\].*holds/,
    ],
    [withMore({ 'fc_norm.weight': [8] }), /holds "fc_norm\.weight", which a ViT/],
    [withMore({ 'blocks.0.attn.q_norm.weight': [8] }), /holds "blocks\.0\.attn\.q_norm\.weight"/],
    [
      withMore({ 'encoder.layer.0.attention.attention.relative_position_bias': [1, 9] }, dinov2),
      /holds "encoder\.layer\.0\.attention\.attention\.relative_position_bias"/,
    ],
  ];
  for (const [file, expected] of cases) assert.match(refusal(file, readWeights), expected);
  const distilled = fileOf(plain, timm);
  distilled.set('pos_embed', { dtype: 'F32', shape: [1, 11, 8], data: new Float32Array(88) });
  assert.match(
    refusal(encodeSafetensors(distilled), readWeights),
    /has 11 positions in "pos_embed", not those of a square/,
  );
  const blank = fileOf(plain, timm);
  const map = blank.get('patch_embed.proj.weight')!;
  blank.set('patch_embed.proj.weight', { ...map, data: new Float32Array(map.data.length) });
  assert.match(
    refusal(encodeSafetensors(blank), readWeights),
    /has only zeros in "patch_embed\.proj\.weight"/,
  );
});

test.run();
