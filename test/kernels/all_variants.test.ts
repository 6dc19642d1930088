import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Capabilities, Gpu } from '../../src/gpu/device.ts';
import { forwardFamily, inputGradientFamily } from '../../src/kernels/conv2d/conv2d.ts';
import type { Conv2dShape } from '../../src/kernels/conv2d/shape.ts';
import { weightGradientFamily } from '../../src/kernels/conv2d/weight_gradient.ts';
import { matmulFamily } from '../../src/kernels/matmul.ts';
import { type Family, nameOf, type Variant } from '../../src/kernels/tuning/variant.ts';
import { nullGpu } from '../../src/platform/node_driver.ts';

// Dawn's null backend says whether a kernel is valid, of adapters too that are not at hand.
const gpu = await Gpu.create(nullGpu());

const convolution = (width: number, side: number, stored: 'f32' | 'f16'): Conv2dShape => ({
  ...{ batch: 4, height: side, width: side, channels: width, pitch: width, outHeight: side, outWidth: side },
  ...{ outChannels: width, kernel: 3, stride: 1, pad: 1, stored },
});

const stem = (width: number, stored: 'f32' | 'f16'): Conv2dShape => ({
  ...{ ...convolution(width, 4, stored), channels: 3, pitch: 4, kernel: 7, stride: 2, pad: 3 },
  ...{ height: 8, width: 8 },
});

const product = (width: number) => ({ m: width, n: width, k: width, transposeA: false, transposeB: true });

/** Compiles every form of a shape; those that only cut their sum otherwise run the same kernels. */
async function compileAll<Shape, V extends Variant>(
  family: Family<Shape, V>,
  capabilities: Capabilities,
  shape: Shape,
): Promise<number> {
  const forms = family.variants(capabilities, shape).filter((variant) => variant.slices === undefined);
  for (const variant of forms) {
    const { product: launch } = family.launches(capabilities, shape, variant);
    try {
      await gpu.wait(gpu.pipelines.get(launch));
    } catch (error) {
      throw new Error(`${family.key(shape)}: ${nameOf(variant)} does not compile: ${error}`);
    }
    gpu.check();
  }
  return forms.length;
}

for (const subgroupMinSize of [4, 8, 16, 32, 64]) {
  test(`every variant compiles where subgroups have ${subgroupMinSize} lanes`, async () => {
    const matrixUnits = subgroupMinSize < 32 ? undefined : { m: 16, n: 16, k: 16 };
    let compiled = 0;
    for (const driver of ['gpu', 'llvmpipe', 'swiftshader'] as const) {
      const capabilities = { ...gpu.capabilities, driver, subgroupMinSize, matrixUnits };
      for (const width of [8, 16, 64]) {
        compiled += await compileAll(matmulFamily, capabilities, product(width));
        for (const shape of [convolution(width, 8, 'f32'), convolution(width, 4, 'f16')])
          for (const family of [forwardFamily, inputGradientFamily, weightGradientFamily])
            compiled += await compileAll(family, capabilities, shape);
        for (const stored of ['f32', 'f16'] as const)
          compiled += await compileAll(forwardFamily, capabilities, stem(width, stored));
      }
    }
    assert.ok(compiled > 100, `${compiled}`);
  });
}

test.after(() => gpu.destroy());
test.run();
