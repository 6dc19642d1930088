import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readEncoderConfig } from '../../../src/app/inputs/encoder_config.ts';
import { readGivenEncoder } from '../../../src/app/inputs/read_encoder.ts';
import { candidateRecipes } from '../../../src/encoder/known_recipes.ts';
import { encodeSafetensors, type HalfTensor, type StoredTensor } from '../../../src/formats/safetensors.ts';
import { halfToNumber, toHalves } from '../../../src/numerics/half.ts';
import { imagenetScale } from '../../../src/ops/augment.ts';
import { MemoryFiles } from '../../memory_files.ts';
import { engineTensors, vitTensors } from '../../nn/vit/fixture.ts';

const options = { patch: 2, grid: 3, width: 8, depth: 1, layerScale: true } as const;

const processor = {
  image_processor_type: 'BitImageProcessor',
  size: { shortest_edge: 256 },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: 224, width: 224 },
  image_mean: imagenetScale.mean,
  image_std: imagenetScale.std,
};
const network = { model_type: 'dinov2', hidden_act: 'gelu', num_attention_heads: 2, layer_norm_eps: 1e-5 };

/** Every tensor under Hugging Face's name, queries, keys and values apart. */
function huggingFace(): [string, StoredTensor][] {
  return [...vitTensors(options)].flatMap(([name, { shape, data }]) => {
    const own = name
      .replace('cls_token', 'embeddings.cls_token')
      .replace('pos_embed', 'embeddings.position_embeddings')
      .replace('patch_embed.proj', 'embeddings.patch_embeddings.projection')
      .replace(/^norm\./, 'layernorm.')
      .replace('blocks.0.', 'encoder.layer.0.')
      .replace('attn.proj', 'attention.output.dense')
      .replace(/ls(\d)\.gamma/, 'layer_scale$1.lambda1');
    if (!own.includes('attn.qkv')) return [[own, { dtype: 'F32' as const, shape: [...shape], data }]];
    const [rows, ...rest] = shape;
    const each = data.length / 3;
    return ['query', 'key', 'value'].map((part, i): [string, StoredTensor] => [
      own.replace('attn.qkv', `attention.attention.${part}`),
      { dtype: 'F32', shape: [rows! / 3, ...rest], data: data.slice(i * each, (i + 1) * each) },
    ]);
  });
}

test('DINOv2 in two files of a hub’s folder, halves, its queries and keys apart: weights, heads, ε and recipe are read', async () => {
  const tensors = huggingFace();
  const files = new MemoryFiles();
  const map: Record<string, string> = {};
  for (const shard of [0, 1]) {
    const own = tensors.filter((_, at) => at % 2 === shard);
    const file = `model-0000${shard + 1}-of-00002.safetensors`;
    const halves = own.map(([name, { shape, data }]): [string, HalfTensor] => [
      name,
      { dtype: 'F16', shape, data: toHalves(data as Float32Array).slice(0, data.length) },
    ]);
    await files.writeAtomic(`hub/${file}`, encodeSafetensors(new Map(halves)));
    for (const [name] of own) map[name] = file;
  }
  await files.writeAtomic('hub/model.safetensors.index.json', JSON.stringify({ weight_map: map }));
  await files.writeAtomic('hub/config.json', JSON.stringify(network));
  await files.writeAtomic('hub/preprocessor_config.json', JSON.stringify(processor));
  const given = await readGivenEncoder(files, 'encoder', 'hub');
  assert.equal(given.encoder, { family: 'vit', ...options, heads: 2, epsilon: 1e-5 });
  assert.is(given.positions, 'size');
  for (const [name, data] of engineTensors(options)) {
    const rounded = Float32Array.from(toHalves(data).subarray(0, data.length), halfToNumber);
    assert.equal(given.tensors.get(name), rounded, name);
  }
  assert.equal(candidateRecipes(given, given.stated), [
    { imageSize: 224, resize: { filter: 'bicubic', shorterSide: 256 }, normalise: imagenetScale },
  ]);
});

test('a user says heads and what stands for an image, and wrong ones are refused by their names', async () => {
  const files = new MemoryFiles();
  const said = await readEncoderConfig(files, '{"heads":4,"pooling":"both"}', 'encoderConfig');
  assert.is(said.encoder.heads, 4);
  assert.is(said.encoder.pooling, 'both');
  for (const [text, expected] of [
    ['{"pooling":"max"}', /pooling must be class, mean or both/],
    ['{"heads":0}', /heads must be a whole number from 1 to 1024/],
  ] as const) {
    const refusal = await readEncoderConfig(files, text, 'encoderConfig').catch(String);
    assert.match(String(refusal), expected);
  }
});

test.run();
