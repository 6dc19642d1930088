import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { backward } from '../../src/autograd/tape.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import { batchNormalisation, convolution, type Layer, type ModelContext } from '../../src/nn/layers.ts';
import { projectionHead } from '../../src/nn/projection_head.ts';
import { resnet } from '../../src/nn/resnet/resnet.ts';
import { ntXent } from '../../src/ops/nt_xent.ts';
import { averagePool } from '../../src/ops/pool/average_pool.ts';
import { maxPool } from '../../src/ops/pool/max_pool.ts';
import { sgd } from '../../src/optim/sgd.ts';
import { fill } from '../oracle.ts';

const engine = await Engine.create();
const views = 4;

type MakeEncoder = (context: ModelContext) => { forward: Layer; featureSize: number };

const narrowResNet: MakeEncoder = (context) => createEncoder(context, resnet({ stem: 'cifar', width: 4 }));

/** One residual block and a max-pool: a step of few dispatches. */
const oneBlock: MakeEncoder = (context) => {
  const opening = convolution(context, 'open', { inputs: 3, outputs: 4, kernel: 3, stride: 1 });
  const conv = convolution(context, 'conv', { inputs: 4, outputs: 4, kernel: 3, stride: 1 });
  const norm = batchNormalisation(context, 'norm', 4);
  const forward: Layer = (images) => {
    const x = maxPool(opening(images), { kernel: 3, stride: 2, pad: 1 });
    return averagePool(norm(conv(x), { relu: true, residual: x }));
  };
  return { forward, featureSize: 4 };
};

/** A whole training step over two image pairs, which change with the step. */
async function trainer(seed: number, makeEncoder: MakeEncoder) {
  const parameters = engine.parameters();
  const encoder = makeEncoder({ parameters, seed });
  const head = { sizes: [encoder.featureSize, 16, 8], batchNorm: true };
  const project = projectionHead({ parameters, seed }, 'projector', head);
  const images = engine.input([views, 8, 8, 3]);
  const optimizer = sgd(engine, parameters, { momentum: 0.9, weightDecay: 1e-4 });
  const program = await engine.compile(() => {
    const { loss } = ntXent(project(encoder.forward(images)), { temperature: 0.5 });
    backward(loss);
    optimizer.update();
    return { loss };
  });
  const batches = [0, 1, 2].map((batch) => fill(`batch ${batch}`, images.size, 1.5));
  const step = (t: number) => {
    engine.write(images, batches[t % batches.length]!);
    optimizer.prepare(t, 1e-3);
    program.run();
  };
  return { parameters, optimizer, program, step };
}

test('2,000 replayed steps create no buffer, and the process does not grow', async () => {
  const { program, step } = await trainer(1, oneBlock);
  let t = 0;
  const train = async (steps: number) => {
    for (const end = t + steps; t < end; t++) {
      step(t);
      // The host reads the loss now and then, and so does not run ahead of the device without bound.
      if (t % 20 === 0) await program.read();
    }
    await engine.gpu.idle();
  };
  await train(200);
  const before = { ...engine.gpu.allocated };
  const memory = process.memoryUsage().rss;
  await train(2000);
  assert.equal({ ...engine.gpu.allocated }, before);
  // JavaScript's garbage comes and goes by a few MB; a kilobyte kept for each dispatch would be ninety.
  const growth = process.memoryUsage().rss - memory;
  assert.ok(growth < 16 * 2 ** 20, `the process grew by ${growth} bytes`);
  assert.ok(Number.isFinite((await program.read()).loss[0]));
  program.destroy();
});

test('one seed gives the same bytes: losses, parameters, running statistics and momenta of five steps', async () => {
  const run = async (seed: number) => {
    const { parameters, optimizer, program, step } = await trainer(seed, narrowResNet);
    const losses: number[] = [];
    for (let t = 0; t < 5; t++) {
      step(t);
      losses.push((await program.read()).loss[0]!);
    }
    const momenta = await engine.read(...optimizer.state.values());
    program.destroy();
    return { losses, momenta, tensors: await parameters.read() };
  };
  const [first, second, other] = [await run(1), await run(1), await run(2)];
  assert.is(new Set(first.losses).size, 5);
  assert.equal(second, first);
  assert.not.equal(other.losses, first.losses);
});

test.after(() => engine.destroy());
test.run();
