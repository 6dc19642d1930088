import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import { encodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import { decodeShardedIndex } from '../../src/formats/sharded.ts';
import { torchFile } from './torch_files.ts';

const single = (value: number): StoredTensor => ({ dtype: 'F32', shape: [1], data: Float32Array.of(value) });
const shard = (...names: string[]) =>
  encodeSafetensors(new Map(names.map((name, i) => [name, single(i + 1)])), { format: 'pt' });
const folder: Record<string, Uint8Array> = {
  'model-00001-of-00002.safetensors': shard('a', 'b'),
  'model-00002-of-00002.safetensors': shard('c', '__proto__'),
  'pytorch_model.bin': torchFile('Python 2, OrderedDict of pairs').bytes,
};
const asked: string[] = [];
const read = (map: unknown) => {
  asked.length = 0;
  return decodeShardedIndex(
    typeof map === 'string' ? map : JSON.stringify({ metadata: { total_size: 16 }, weight_map: map }),
    'model.safetensors.index.json',
    async (name) => {
      asked.push(name);
      return folder[name];
    },
  );
};
const [first, second] = Object.keys(folder) as [string, string];

async function refuses(map: unknown, message: RegExp): Promise<void> {
  try {
    await read(map);
  } catch (error) {
    assert.instance(error, UserError);
    assert.match((error as Error).message, message);
    assert.not.match((error as Error).message, /\n/);
    return;
  }
  assert.unreachable(`${JSON.stringify(map)} was read`);
}

test('tensors of all files come together, each file read once', async () => {
  const { tensors, metadata, format } = await read(
    `{"weight_map":{"c":"${second}","a":"${first}","b":"${first}","__proto__":"${second}"}}`,
  );
  assert.equal([...tensors.keys()].sort(), ['__proto__', 'a', 'b', 'c']);
  assert.equal([...tensors.get('b')!.data], [2]);
  assert.equal([metadata.format, format], ['pt', 'safetensors']);
  assert.equal(asked.sort(), [first, second]);
});

test('the parts may be files of torch.save', async () => {
  const { tensors, format } = await read({ 'bn1.bias': 'pytorch_model.bin' });
  assert.equal([[...tensors.keys()], format], [['bn1.bias'], 'pytorch']);
});

test('a missing file, a missing tensor and a broken part are named', async () => {
  await refuses(
    { a: 'model-3.safetensors' },
    /index\.json names the file "model-3\.safetensors", which is not beside it/,
  );
  await refuses({ x: first }, /"model-00001-of-00002\.safetensors" holds the tensor "x", which it does not/);
  folder.broken = folder[first]!.subarray(0, 40);
  await refuses({ a: 'broken' }, /^broken is not a valid safetensors file/);
});

test('nothing outside the folder of the index is asked for', async () => {
  for (const name of [
    '../x',
    '/etc/passwd',
    'a/b',
    'a\\b',
    '..',
    '.',
    '',
    'C:x',
    'x\0',
    '.hidden',
    7,
    null,
    ['x'],
  ]) {
    await refuses({ a: name }, /is not the index of a model in several files \(it names "/);
    assert.equal(asked, []);
  }
});

test('what is no index is refused', async () => {
  for (const text of [
    '',
    '{',
    '[]',
    'null',
    '{}',
    '{"weight_map":[]}',
    '{"weight_map":"x"}',
    '['.repeat(1e5),
  ]) {
    await refuses(text, /it has no weight_map/);
  }
  await refuses({}, /its weight_map is empty/);
  await refuses(
    Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`t${i}`, `f${i}`])),
    /it names 1001 files/,
  );
});

test.run();
