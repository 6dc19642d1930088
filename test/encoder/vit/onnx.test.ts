import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import { atSide } from '../../../src/encoder/at_side.ts';
import { featureExtractor } from '../../../src/encoder/feature_extractor.ts';
import { loadEncoder } from '../../../src/encoder/loaded_encoder.ts';
import { encodeOnnx } from '../../../src/encoder/onnx_model.ts';
import { type ViTOptions, vit } from '../../../src/nn/vit/vit.ts';
import { imagenetScale } from '../../../src/ops/augment.ts';
import { Random } from '../../../src/random.ts';
import { engineTensors } from '../../nn/vit/fixture.ts';
import { nhwcToNchw, relativeError } from '../../oracle.ts';
import { evaluate, readOnnx } from '../onnx_reader.ts';

const engine = await Engine.create();
const count = 3;

const networks: readonly (readonly [options: ViTOptions, side: number, mirror: boolean])[] = [
  [
    { patch: 3, grid: 5, width: 16, depth: 2, heads: 2, layerScale: true, registers: 2, pooling: 'both' },
    12,
    true,
  ],
  [{ patch: 4, grid: 3, width: 12, depth: 1, heads: 3, qkvBias: false, classPosition: false }, 12, false],
  [{ patch: 4, grid: 3, width: 8, depth: 1, heads: 1, pooling: 'mean', epsilon: 1e-3 }, 12, false],
];

for (const [options, side, mirror] of networks)
  test(`${vit(options).title}, ${options.pooling ?? 'class'}: the graph’s features in float64 are the engine’s`, async () => {
    const encoder = { family: 'vit', ...options } as const;
    const weights = {
      encoder,
      tensors: engineTensors(options),
      normalise: imagenetScale,
      ...(mirror && ({ mirror: true } as const)),
    };
    const random = new Random(7);
    const pixels = Uint8Array.from({ length: count * side * side * 3 }, () => random.integer(256));
    const model = readOnnx(encodeOnnx({ weights, imageSize: side, version: '1.2.3' }));
    const unit = Float64Array.from(pixels, (byte) => byte / 255);
    const images = Float64Array.from(nhwcToNchw(unit, [count, side, side, 3]));
    const { shape, data } = evaluate(model, { shape: [count, 3, side, side], data: images }).get('features')!;
    assert.equal(shape, [count, vit(options).featureSize]);
    const network = loadEncoder(engine, atSide(weights, side));
    const given = { pixels, sourceSize: side, imageSize: side, batch: 2, normalise: imagenetScale, mirror };
    const extract = await featureExtractor(engine, network, given);
    // Two blocks in float32, where PyTorch's own lie some 7e-7 from float64 (test/fixtures).
    const error = relativeError(await extract([0, 1, 2]), data);
    assert.ok(error < 5e-6, `features differ by ${error}`);
    extract.destroy();
    network.parameters.destroy();
  });

test('a side that the patches do not fill is refused', () => {
  const options = { patch: 4, grid: 3, width: 8, depth: 1, heads: 1 } as const;
  const weights = {
    encoder: { family: 'vit', ...options } as const,
    tensors: engineTensors(options),
    normalise: imagenetScale,
  };
  assert.throws(() => encodeOnnx({ weights, imageSize: 13, version: '1' }), /take a side of 12 or 16$/);
});

test.after(() => engine.destroy());
test.run();
