import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hubName } from '../../../src/app/hub/names.ts';
import { readGivenEncoder } from '../../../src/app/inputs/read_encoder.ts';
import { silentReporter } from '../../../src/app/reporter.ts';
import { weightsFile } from '../../encoder/weights_fixture.ts';
import { MemoryFiles } from '../../memory_files.ts';

test('names of the hub are told from paths, and none leads out of the cache', () => {
  assert.equal(hubName('resnet50@v1'), {
    ...hubName('hf:timm/resnet50.a1_in1k@v1')!,
    place: 'resnet50@v1',
    known: hubName('resnet50')!.known,
  });
  assert.is(hubName('hf:gpt2')!.repository, 'gpt2');
  assert.is(hubName('hf:owner/net@refs/pr/1')!.revision, 'refs/pr/1');
  for (const path of ['owner/net', 'weights.pth', 'resnet', 'toString', './resnet18', 'C:\\hf\\net'])
    assert.is(hubName(path), undefined);
  const wrong = [
    'hf:',
    'hf:a/b/c',
    'hf:../net',
    'hf:a/..',
    'hf:a--b/c',
    'hf:a/b@',
    'hf:a/b@../..',
    'hf:a/b@x//y',
  ];
  for (const place of [...wrong, 'hf:a/b@\u0007', 'hf:a/b c', 'resnet18@.git', 'hf:a/b@a\\b'])
    assert.throws(() => hubName(place), /names no repository of the hub: give hf:owner\/name/);
});

test('a path of the name of an encoder of the hub is taken, with a word', async () => {
  const files = new MemoryFiles();
  await files.writeAtomic('resnet18/model.safetensors', weightsFile({ depth: 18, width: 4, stem: 'cifar' }));
  const notes: string[] = [];
  const reporter = { ...silentReporter, note: (text: unknown) => void notes.push(`${text}`) };
  const { name, origin } = await readGivenEncoder(files, 'encoder', 'resnet18', undefined, { reporter });
  assert.is(name, 'resnet18');
  assert.is(origin, undefined);
  assert.equal(notes, [
    'resnet18: taken from here, where there is such a path; hf:timm/resnet18.a1_in1k is the one of the hub',
  ]);
});

test.run();
