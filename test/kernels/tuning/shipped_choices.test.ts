import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Capabilities } from '../../../src/gpu/device.ts';
import { forwardFamily, inputGradientFamily } from '../../../src/kernels/conv2d/conv2d.ts';
import type { Conv2dShape } from '../../../src/kernels/conv2d/shape.ts';
import { weightGradientFamily } from '../../../src/kernels/conv2d/weight_gradient.ts';
import { type MatmulShape, matmulFamily } from '../../../src/kernels/matmul.ts';
import { kernelsHash, shippedTables } from '../../../src/kernels/tuning/choice_cache.ts';
import { nameOf } from '../../../src/kernels/tuning/variant.ts';

const convolutions = {
  forward: forwardFamily,
  'input gradient': inputGradientFamily,
  'weight gradient': weightGradientFamily,
} as const;

/** The names of the variants that a shape of this class has. @throws where the key is that of no class */
function variantNames(key: string, capabilities: Capabilities): string[] {
  const product = key.match(/^matmul ([NT])([NT])(b?)(\+?)( ragged)?( block)? (\d+)x(\d+)x(\d+)$/);
  if (product) {
    const [, a, b, bias, plus, , block, ...sizes] = product;
    const [m, n, k] = sizes.map(Number);
    const shape: MatmulShape = {
      ...{
        m: m!,
        n: n!,
        k: k!,
        transposeA: a === 'T',
        transposeB: b === 'T',
        bias: !!bias,
        accumulate: !!plus,
      },
      ...(block && { start: { a: 0, b: 0, c: 0 } }),
    };
    assert.is(matmulFamily.key(shape), key);
    return matmulFamily.variants(capabilities, shape).map(nameOf);
  }
  const found = key.match(/^(.+) (\d)x\d\/(\d) (\d+)(?:of(\d+))?>(\d+) (\d+)x(\d+)x(\d+)( f16)?$/);
  assert.ok(found, key);
  const [, name, ...numbers] = found!;
  const [kernel, stride, channels, pitch, outChannels, batch, outHeight, outWidth] = numbers.map(Number);
  const shape: Conv2dShape = {
    ...{ batch: batch!, height: outHeight! * stride!, width: outWidth! * stride!, channels: channels! },
    ...{ pitch: pitch || channels!, outHeight: outHeight!, outWidth: outWidth!, outChannels: outChannels! },
    ...{ kernel: kernel!, stride: stride!, pad: (kernel! - 1) / 2, stored: numbers[8] ? 'f16' : 'f32' },
  };
  const family = convolutions[name as keyof typeof convolutions];
  assert.is(family.key(shape), key);
  return family.variants(capabilities, shape).map(nameOf);
}

test('every shipped choice is the name of a variant of its class on its adapter, and not the default', () => {
  for (const [adapter, { choices }] of Object.entries(shippedTables)) {
    const [, driver, lanes] = adapter.match(/^(llvmpipe|swiftshader), subgroups of (\d+)$/) ?? [];
    assert.ok(driver, `${adapter}: tell here what a graphics card has`);
    const capabilities = { driver, subgroupMinSize: Number(lanes) } as Capabilities;
    for (const [key, name] of Object.entries(choices)) {
      const names = variantNames(key, capabilities);
      assert.ok(names.indexOf(name!) > 0, `${adapter}: ${key} has no ${name} beside its default`);
    }
  }
});

test('what is shipped was measured on the present kernels', async () => {
  const present = await kernelsHash();
  for (const [adapter, { kernels }] of Object.entries(shippedTables)) {
    const advice = `run node bench/tune.mjs --write on ${adapter}, and keep what is still faster`;
    assert.is(kernels, present, `shipped_choices.json was measured on other kernels: ${advice}`);
  }
});

test.run();
