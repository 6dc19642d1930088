import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { type Initialiser, Parameters } from '../../src/autograd/parameters.ts';
import { backward } from '../../src/autograd/tape.ts';
import type { Shape } from '../../src/autograd/tensor.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import { projectionHead } from '../../src/nn/projection_head.ts';
import { resnet } from '../../src/nn/resnet/resnet.ts';
import { ntXent } from '../../src/ops/nt_xent.ts';
import { sgd } from '../../src/optim/sgd.ts';
import fixture from '../fixtures/simclr_trajectory.json';
import { forceForm } from '../kernels/force_variant.ts';
import { fill, nchwToNhwc, summaryError } from '../oracle.ts';
import { fillParameters, readGradients, toTorch } from './fixture.ts';

// Training of a narrow ResNet-18 with a projection head, step by step beside PyTorch's in float64: encoder, head,
// batch norm, loss, backward pass and optimizer at once.
const engine = await Engine.create();
const { pairs, temperature, momentum, steady, chaotic } = fixture;
const shape = [2 * pairs, 3, 8, 8] as const;

/** Decays every parameter, as the fixture's optimizer does; the engine's layers leave biases and norms out. */
class AllDecaying extends Parameters {
  override trainable(name: string, shape: Shape, initialise: Initialiser) {
    return super.trainable(name, shape, initialise, { decay: true });
  }
}

/** The head is a sequence of its own in the fixture: its tensors are `0.weight` and so on. */
const nameOf = (name: string) => (/^\d/.test(name) ? `projector.${name}` : name);

async function trainer({ learningRate, weightDecay }: { learningRate: number; weightDecay: number }) {
  const parameters = new AllDecaying(engine.gpu);
  const encoder = createEncoder({ parameters, seed: 0 }, resnet({ stem: 'cifar', width: 8 }));
  const head = { sizes: [64, 64, 16], batchNorm: true };
  const project = projectionHead({ parameters, seed: 0 }, 'projector', head);
  fillParameters(parameters, fixture.parameters, nameOf);
  const views = engine.input([2 * pairs, 8, 8, 3]);
  const optimizer = sgd(engine, parameters, { momentum, weightDecay });
  const program = await engine.compile(() => {
    const { loss } = ntXent(project(encoder.forward(views)), { temperature });
    backward(loss);
    optimizer.update();
    return { loss };
  });
  const step = async (t: number, images: Float32Array): Promise<number> => {
    engine.write(views, nchwToNhwc(images, shape));
    optimizer.prepare(t, learningRate);
    program.run();
    return (await program.read()).loss[0]!;
  };
  return { parameters, step };
}

/** The parameters' values in PyTorch's order, by the engine's names. */
async function readValues(parameters: Parameters): Promise<Map<string, Float32Array>> {
  const values = await parameters.read();
  return new Map(
    parameters.entries.map(({ name, tensor }) => [name, toTorch(values.get(name)!, tensor.shape)]),
  );
}

// Each bound is a few times the distance of PyTorch's own float32 run from its float64 run.
const accepted = 4;
const worst = (errors: readonly number[]) => accepted * Math.max(...errors);

async function thirtySteps(): Promise<void> {
  const { parameters, step } = await trainer(steady);
  const start = await readValues(parameters);
  const first = fill(`trajectory.images.${steady.seed}`, pairs * 3 * 8 * 8, 1.5);
  const gradientBound = worst(fixture.parameters.map(({ float32 }) => float32.firstGradientSummaryError));
  for (const [t, expected] of steady.loss.entries()) {
    const noise = fill(`trajectory.noise.${t}`, first.length);
    const second = first.map((value, i) => value + noise[i]!);
    const loss = await step(t, Float32Array.of(...first, ...second));
    const difference = Math.abs(loss - expected);
    assert.ok(difference < worst(steady.float32Spread), `step ${t}: the loss is ${loss}, not ${expected}`);
    if (t > 0) continue;
    const gradients = await readGradients(engine, parameters);
    for (const { name, firstGradient } of fixture.parameters) {
      const error = summaryError(`grad:${name}`, gradients.get(nameOf(name))!, firstGradient);
      assert.ok(error < gradientBound, `first gradient of ${name} differs by ${error}`);
    }
  }
  const end = await readValues(parameters);
  const moveBound = worst(fixture.parameters.map(({ float32 }) => float32.displacementSummaryError));
  for (const { name, displacement } of fixture.parameters) {
    const from = start.get(nameOf(name))!;
    const move = Float64Array.from(end.get(nameOf(name))!, (value, i) => value - from[i]!);
    const error = summaryError(`displacement:${name}`, move, displacement);
    assert.ok(error < moveBound, `the way of ${name} differs by ${error}`);
  }
  const runningBound = worst(fixture.running.map(({ float32 }) => float32.summaryError));
  for (const { name, value } of fixture.running) {
    const error = summaryError(name, end.get(nameOf(name))!, value);
    assert.ok(error < runningBound, `${name} differs by ${error}`);
  }
}

test(
  'thirty steps: each loss, the first gradients, and where parameters and running statistics end',
  thirtySteps,
);

test('a high learning rate: the losses before rounding errors grow', async () => {
  const { step } = await trainer(chaotic);
  for (const t of [0, 1]) {
    const views = fill(`trajectory.views.${t}`, 2 * pairs * 3 * 8 * 8, Math.sqrt(3));
    const loss = await step(t, views);
    // The spread that a change of two units in the last place of the weights makes in float32.
    const bound = accepted * chaotic.float32Spread[t]!;
    assert.ok(Math.abs(loss - chaotic.loss[t]!) < bound, `step ${t}: the loss is ${loss}`);
  }
});

/** The forms that the kernels have on this adapter, and the default for graphics cards. */
const forms = {
  llvmpipe: [{ form: 'runs' }, { form: 'subgroup', slices: 2 }, { form: 'tile', slices: 4 }],
  swiftshader: [{ form: 'runs' }, { form: 'subgroup', slices: 4 }],
  gpu: [{ form: 'subgroup' }, { form: 'tile', slices: 2 }],
} as const;
const own = engine.gpu.capabilities.driver;

for (const [driver, form] of [
  ...forms[own].map((form) => [own, form] as const),
  ['gpu', { form: 'tile' }] as const,
]) {
  test(`thirty steps with ${JSON.stringify(form)} of ${driver}: the same`, async () => {
    const forced = forceForm(engine, driver, form);
    await thirtySteps();
    for (const pass of ['forward', 'input gradient', 'weight gradient'])
      assert.ok(
        [...forced].some((key) => key.startsWith(`${pass} 3x3/1`)),
        `${pass}: no convolution ran so`,
      );
  });
}

test.after(() => engine.destroy());
test.run();
