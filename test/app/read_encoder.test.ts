import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hubFolder } from '../../src/app/exports/hub_folder.ts';
import { readEncoderConfig } from '../../src/app/inputs/encoder_config.ts';
import { readGivenEncoder } from '../../src/app/inputs/read_encoder.ts';
import { encodeWeights, readWeights } from '../../src/encoder/encoder_weights.ts';
import { candidateRecipes } from '../../src/encoder/known_recipes.ts';
import { UserError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import { architectureOf } from '../../src/nn/family_registry.ts';
import { imagenetScale } from '../../src/ops/augment.ts';
import { renamed, weightsFile } from '../encoder/weights_fixture.ts';
import { MemoryFiles } from '../memory_files.ts';

const cifar = { family: 'cifar-resnet', depth: 20, width: 4 } as const;
const resnet50 = { depth: 50, width: 4, stem: 'imagenet' } as const;

async function filesOf(content: Readonly<Record<string, Uint8Array | string>>): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  for (const [name, data] of Object.entries(content)) await files.writeAtomic(name, data);
  return files;
}

async function refusal(
  content: Readonly<Record<string, Uint8Array | string>>,
  place: string,
): Promise<string> {
  const files = await filesOf(content);
  try {
    await readGivenEncoder(files, 'encoder', place);
  } catch (error) {
    assert.instance(error, UserError);
    return (error as UserError).message;
  }
  return assert.unreachable('it was read') as never;
}

test('an encoder is a file, or a folder with one, under its own name', async () => {
  const bytes = weightsFile(cifar);
  for (const place of ['w/net.pth', 'w']) {
    const files = await filesOf({ 'w/net.pth': bytes, 'w/notes.txt': 'mine' });
    const { encoder, name, stated } = await readGivenEncoder(files, 'encoder', place);
    assert.equal(encoder, cifar);
    assert.is(name, place === 'w' ? 'w' : 'net.pth');
    assert.equal(stated, {});
  }
});

test('a folder of the hub is read by the file of that name, and its configuration says the recipe', async () => {
  const timm = {
    architecture: 'resnet50',
    pretrained_cfg: {
      input_size: [3, 224, 224],
      interpolation: 'bicubic',
      crop_pct: 0.95,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      license: 'apache-2.0',
    },
  };
  const files = await filesOf({
    'hub/model.safetensors': weightsFile(resnet50),
    'hub/pytorch_model.bin': 'not looked at',
    'hub/config.json': JSON.stringify(timm),
  });
  const given = await readGivenEncoder(files, 'encoder', 'hub');
  assert.is(given.licence, 'apache-2.0');
  assert.equal(candidateRecipes(given, given.stated), [
    { imageSize: 224, resize: { filter: 'bicubic', shorterSide: 235 }, normalise: imagenetScale },
  ]);
});

test('a model in several files is read by its index', async () => {
  const { tensors } = decodeSafetensors(weightsFile(cifar), 'whole');
  const parts = [new Map(), new Map()] as const;
  const map: Record<string, string> = {};
  [...tensors].forEach(([name, tensor], i) => {
    parts[(i % 2) as 0 | 1].set(name, tensor);
    map[name] = `part-${i % 2}.safetensors`;
  });
  const index = JSON.stringify({ metadata: {}, weight_map: map });
  const content = {
    'hub/model.safetensors.index.json': index,
    'hub/part-0.safetensors': encodeSafetensors(parts[0]),
    'hub/part-1.safetensors': encodeSafetensors(parts[1]),
  };
  const given = await readGivenEncoder(await filesOf(content), 'encoder', 'hub');
  assert.equal(given.tensors, readWeights(weightsFile(cifar), 'whole').tensors);
  const { 'hub/part-1.safetensors': _, ...torn } = content;
  assert.match(await refusal(torn, 'hub'), /"part-1.safetensors", which is not beside it/);
});

test('what is no encoder is refused in a sentence', async () => {
  const bytes = weightsFile(cifar);
  assert.match(await refusal({}, 'nowhere'), /there is nothing at encoder nowhere: give a weights file/);
  assert.match(await refusal({ 'w/a.txt': 'a' }, 'w'), /encoder w is a folder without weights/);
  assert.match(
    await refusal({ 'w/a.pth': bytes, 'w/b.pth': bytes }, 'w'),
    /holds several weights files \(a.pth, b.pth\): give the one that you mean/,
  );
  assert.match(
    await refusal({ 'w/model.safetensors': bytes, 'w/config.json': '{' }, 'w'),
    /config.json is no JSON/,
  );
});

test('what the user says stands above what lies beside the weights', async () => {
  const files = await filesOf({
    'w.pth': weightsFile(
      resnet50,
      renamed((name) => `module.${name}`),
    ),
    'config.json': JSON.stringify({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], input_size: [3, 64, 64] }),
  });
  const config = '{"imageSize":96,"mean":[0,0,0],"std":[1,1,1],"stride":"v1","epsilon":0.001}';
  const given = await readGivenEncoder(files, 'encoder', 'w.pth', config);
  assert.equal(given.encoder, { ...resnet50, stride: 'v1', epsilon: 0.001 });
  assert.is(given.stated.imageSize, 96);
  assert.equal(given.stated.normalise, { mean: [0, 0, 0], std: [1, 1, 1] });
});

test('each part is said by whoever stands highest, and a published name below all others', async () => {
  const files = await filesOf({
    'hub/resnet50-11ad3fa6.pth': weightsFile(resnet50),
    'hub/config.json': JSON.stringify({
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      input_size: [3, 64, 64],
    }),
  });
  const { stated, statedBy, licence, licenceBy, publisher } = await readGivenEncoder(
    files,
    'encoder',
    'hub/resnet50-11ad3fa6.pth',
    '{"imageSize":96}',
  );
  assert.equal([stated.imageSize, stated.shorterSide, stated.filter], [96, 232, 'bilinear']);
  assert.equal(statedBy, {
    imageSize: 'user',
    shorterSide: 'name',
    filter: 'name',
    squash: 'name',
    normalise: 'config',
  });
  assert.equal([licence, licenceBy, publisher], ['BSD-3-Clause', 'name', 'timm']);
});

test('a ResNet of transformers says where its bottlenecks have their stride', async () => {
  for (const [onFirst, stride] of [
    [true, 'v1'],
    [false, 'v1.5'],
  ] as const) {
    const files = await filesOf({
      'hub/model.safetensors': weightsFile(resnet50),
      'hub/config.json': JSON.stringify({ model_type: 'resnet', downsample_in_bottleneck: onFirst }),
    });
    const given = await readGivenEncoder(files, 'encoder', 'hub');
    assert.equal([given.encoder, given.publisher], [{ ...resnet50, stride }, 'transformers']);
  }
});

test('a wrong field of what the user says is named', async () => {
  const files = new MemoryFiles();
  for (const [text, says] of [
    ['{"stride":"v2"}', /encoderConfig: stride must be v1 or v1.5/],
    ['{"side":224}', /encoderConfig: side is no field: there are imageSize, /],
    ['{"mean":[0,0,0]}', /mean and std belong together/],
    ['{"mean":', /encoderConfig is no JSON object/],
    ['nowhere.json', /encoderConfig nowhere.json is no file/],
  ] as const) {
    try {
      await readEncoderConfig(files, text, 'encoderConfig');
      assert.unreachable(text);
    } catch (error) {
      assert.instance(error, UserError, text);
      assert.match((error as UserError).message, says);
    }
  }
});

test('an exported folder of the hub gives back the encoder and its recipe', async () => {
  const known = readWeights(weightsFile(cifar), 'whole');
  const recipe = {
    imageSize: 32,
    resize: { filter: 'bicubic', shorterSide: 36 },
    normalise: { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] },
  } as const;
  const encoder = encodeWeights(known.tensors, { encoder: cifar, method: 'simclr', ...recipe });
  const made = hubFolder({ encoder, report: null, licence: 'MIT', version: '1' }, 'encoder.safetensors');
  const files = await filesOf(Object.fromEntries([...made].map(([name, data]) => [`hub/${name}`, data])));
  const given = await readGivenEncoder(files, 'encoder', 'hub');
  assert.equal(given.tensors, known.tensors);
  assert.is(given.licence, 'MIT');
  assert.equal(candidateRecipes(given, given.stated), [recipe]);
  const card = files.text('hub/README.md');
  assert.match(card, /^---\nlibrary_name: kindred\n/);
  assert.match(card, 'license: mit\n');
  assert.match(card, `# ${architectureOf(cifar).title}\n`);
  assert.match(card, 'cut from a shorter side of 36 (bicubic)');
  // Without the configuration the weights' own metadata say it.
  const licensed = encodeWeights(known.tensors, {
    encoder: cifar,
    method: 'probe',
    ...recipe,
    licence: 'MIT',
  });
  const alone = await readGivenEncoder(
    await filesOf({ 'e.safetensors': licensed }),
    'encoder',
    'e.safetensors',
  );
  assert.equal([alone.licence, alone.licenceBy], ['MIT', 'weights']);
});

test.run();
