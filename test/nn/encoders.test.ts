import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { backward } from '../../src/autograd/tape.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import { architectureOf, type EncoderOptions } from '../../src/nn/family_registry.ts';
import { torchShapes } from '../../src/nn/state_dict.ts';
import { fromTorch } from '../../src/nn/torch_layout.ts';
import { upstream } from '../autograd/upstream.ts';
import { tensorsOf } from '../encoder/weights_fixture.ts';
import fixture from '../fixtures/encoders.json';
import { fill, nchwToNhwc, relativeError, summaryError } from '../oracle.ts';
import { readGradients } from './fixture.ts';

// Every kind of block and of stem, at sides that strides and pools do not divide, beside PyTorch in float64, whose own
// float32 run lies some 3e-7 from that in features; the engine adds the products of a pixel one by one, which rounds up
// to a few times as much.
const engine = await Engine.create();
const accepted = 5;

for (const { options: given, side, features, gradient, float32 } of fixture.cases) {
  const options = given as EncoderOptions;
  const architecture = architectureOf(options);
  test(`${architecture.title}, ${JSON.stringify(options)}: features and the first convolution’s gradient are PyTorch’s`, async () => {
    const parameters = engine.parameters();
    const encoder = createEncoder({ parameters, seed: 0 }, architecture);
    for (const [name, { shape, data }] of tensorsOf(torchShapes(architecture)))
      parameters.write(name, fromTorch({ shape, data }));
    const shape = [fixture.images, 3, side, side];
    const images = fill(`images ${side}`, fixture.images * 3 * side * side, 1.5);
    const x = engine.input([fixture.images, side, side, 3], 'f32', nchwToNhwc(images, shape));
    const program = await engine.compile(() => ({ features: encoder.forward(x) }), { training: false });
    program.run();
    const error = relativeError((await program.read()).features, features);
    assert.ok(error < accepted * float32.featuresRelativeL2, `features differ by ${error}`);
    program.destroy();

    const weights = fill('loss.weights', features.length);
    const given = engine.input([fixture.images, encoder.featureSize], 'f32', weights);
    const training = await engine.compile(() => {
      const trained = encoder.forward(x);
      backward(upstream(trained, given));
      return { trained };
    });
    training.run();
    const { name } = parameters.entries[0]!;
    const first = (await readGradients(engine, parameters)).get(name)!;
    const distance = summaryError(`grad:${name}`, first, gradient);
    assert.ok(
      distance < accepted * float32.gradientRelativeL2,
      `the gradient of ${name} differs by ${distance}`,
    );
    training.destroy();
    engine.free(given);
    parameters.destroy();
    engine.free(x);
  });
}

test.after(() => engine.destroy());
test.run();
