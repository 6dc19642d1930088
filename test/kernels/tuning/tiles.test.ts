import { test } from 'uvu';
import { Engine } from '../../../src/autograd/engine.ts';
import { registry } from '../../../src/ops/index.ts';
import { check } from '../../twins/check.ts';
import { twins } from '../../twins/index.ts';

// Each adapter runs its own tiles in the gradient suite; here it runs those of the other drivers, so that a graphics
// card's tiles are right before one is at hand.
const engine = await Engine.create();
const own = engine.gpu.capabilities.driver;

for (const driver of (['gpu', 'llvmpipe', 'swiftshader'] as const).filter((other) => other !== own)) {
  // SwiftShader takes twenty seconds to compile llvmpipe's convolution.
  if (own === 'swiftshader' && driver === 'llvmpipe') continue;
  // Some of any sizes, and behind them some of whole vec4f.
  const samples = {
    matmul: [1, 2, 3, 9, 10].map((at) => twins.matmul[at]!),
    conv2d: [1, 2, 3, 13, 15].map((at) => twins.conv2d[at]!),
  };
  for (const name of ['matmul', 'conv2d'] as const) {
    for (const sample of samples[name]) {
      test(`${name} ${sample.name} with the tiles of ${driver}: as the float64 twin`, async () => {
        const capabilities = engine.gpu.capabilities as { driver: typeof driver };
        capabilities.driver = driver;
        await check(engine, registry[name], sample);
      });
    }
  }
}

test.after(() => engine.destroy());
test.run();
