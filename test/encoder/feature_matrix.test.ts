import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeFeatures } from '../../src/encoder/feature_matrix.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { fill } from '../oracle.ts';

test('a feature matrix comes back with the path of each row, whatever characters paths hold', () => {
  const paths = ['a.png', 'b "quoted", été/ü.jpg', 'c\nd.png', '../e.png', '猫.webp'];
  const features = fill('features', 15);
  const { tensors, metadata } = decodeSafetensors(encodeFeatures(features, paths, { method: 'm' }), 'x');
  const { dtype, shape, data } = tensors.get('features')!;
  assert.equal({ dtype, shape, data }, { dtype: 'F32', shape: [5, 3], data: features });
  const list = tensors.get('paths')!;
  assert.is(list.dtype, 'U8');
  assert.equal(JSON.parse(new TextDecoder().decode(list.data as Uint8Array)), paths);
  assert.equal({ ...metadata }, { method: 'm' });
});

test('100,000 long paths stay out of the header', () => {
  const paths = Array.from({ length: 100_000 }, (_, i) => `${'folder/'.repeat(40)}${i}.png`);
  const bytes = encodeFeatures(new Float32Array(100_000), paths, {});
  assert.ok(new DataView(bytes.buffer).getBigUint64(0, true) < 1000n);
});

test.run();
