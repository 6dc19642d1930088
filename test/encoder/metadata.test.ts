import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encoderMetadata, readMetadata } from '../../src/encoder/metadata.ts';
import { imagenetScale } from '../../src/ops/augment.ts';
import { assertUserError } from '../data/temporary.ts';

const encoder = { depth: 18, width: 16, stem: 'cifar' } as const;
const notes = { encoder, imageSize: 32, method: 'simclr', normalise: imagenetScale };

test('the recipe of an encoder comes back from the metadata of its file, the resize where there is one', () => {
  for (const resize of [
    { filter: 'bilinear', shorterSide: 36 },
    { filter: 'bicubic', shorterSide: 32, squash: true },
  ] as const) {
    const { imageSize, normalise, ...read } = readMetadata(
      encoderMetadata({ ...notes, resize }),
      'a.safetensors',
    );
    assert.equal([imageSize, normalise, read.resize], [32, imagenetScale, resize]);
  }
  assert.is(readMetadata(encoderMetadata({ ...notes, mirror: true }), 'a.safetensors').mirror, 'true');
  const without = encoderMetadata(notes);
  assert.is(readMetadata(without, 'a.safetensors').mirror, undefined);
  assert.not('resize' in without);
  assert.is(readMetadata(without, 'a.safetensors').resize, undefined);
});

test('a resize that kindred did not write is refused with the key', async () => {
  for (const resize of [
    '',
    'bicubic',
    '{}',
    '{"filter":"lanczos","shorterSide":9}',
    '{"filter":"bicubic","shorterSide":0}',
  ]) {
    await assertUserError(
      () => readMetadata({ ...encoderMetadata(notes), resize }, 'a.safetensors'),
      'a.safetensors has metadata "resize"',
      'remove that key',
    );
  }
});

test.run();
