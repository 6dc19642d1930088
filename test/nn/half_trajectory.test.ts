import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { Parameters } from '../../src/autograd/parameters.ts';
import { backward } from '../../src/autograd/tape.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import { projectionHead } from '../../src/nn/projection_head.ts';
import { resnet } from '../../src/nn/resnet/resnet.ts';
import { ntXent } from '../../src/ops/nt_xent.ts';
import { scale } from '../../src/ops/scale.ts';
import { LossScale } from '../../src/optim/loss_scale.ts';
import { sgd } from '../../src/optim/sgd.ts';
import fixture from '../fixtures/simclr_trajectory.json';
import { fill, nchwToNhwc, relativeError } from '../oracle.ts';
import { fillParameters, readGradients } from './fixture.ts';

// Thirty steps of SimCLR in f16 beside the same in f32, whose own trajectory is PyTorch's (simclr_trajectory.test.ts).
const engine = await Engine.create();
const perhaps = engine.gpu.capabilities.features.has('shader-f16') ? test : test.skip;
const { pairs, temperature, momentum } = fixture;
const side = 8;
const nameOf = (name: string) => (/^\d/.test(name) ? `projector.${name}` : name);

/** Half the distance between neighbouring halves of order one. */
const rounding = 2 ** -11;

interface Options {
  readonly stored: 'f32' | 'f16';
  /** Changes every starting weight at random by up to `rounding`, relatively. */
  readonly change?: number;
  /** What the loss is multiplied by. */
  readonly factor?: number;
  readonly initialScale?: number;
  readonly steps?: number;
}

/** Losses of steps on the same views, and the gradients of the first, before they were multiplied by anything. */
async function train({ stored, change, factor = 1, initialScale = 2 ** 14, steps = 30 }: Options) {
  const parameters = new Parameters(engine.gpu);
  const encoder = createEncoder({ parameters, seed: 0 }, resnet({ stem: 'cifar', width: 8 }));
  const head = { sizes: [64, 64, 16], batchNorm: true };
  const project = projectionHead({ parameters, seed: 0 }, 'projector', head);
  fillParameters(parameters, fixture.parameters, nameOf);
  if (change !== undefined) {
    for (const [name, values] of await parameters.read()) {
      const factors = fill(`${name} ${change}`, values.length, rounding, 1);
      parameters.write(
        name,
        values.map((value, i) => value * factors[i]!),
      );
    }
  }
  const first = fill('half trajectory', pairs * 3 * side * side, 1.5);
  const noise = fill('half trajectory noise', first.length);
  const images = Float32Array.of(...first, ...first.map((value, i) => value + noise[i]!));
  const views = engine.input(
    [2 * pairs, side, side, 3],
    stored,
    nchwToNhwc(images, [2 * pairs, 3, side, side]),
  );
  const optimizer = sgd(engine, parameters, { momentum, weightDecay: 1e-4 });
  const lossScale = stored === 'f16' ? new LossScale(engine, { initial: initialScale }) : undefined;
  const program = await engine.compile(() => {
    lossScale?.begin(parameters);
    const { loss } = ntXent(project(encoder.forward(views)), { temperature });
    backward(scale(loss, factor), lossScale ? { gradient: lossScale.gradient } : {});
    optimizer.update({ lossScale });
    return { loss };
  });
  const losses: number[] = [];
  let gradients = new Map<string, Float32Array>();
  for (let t = 0; t < steps; t++) {
    optimizer.prepare(t, 0.003);
    program.run();
    losses.push((await program.read()).loss[0]!);
    if (t > 0) continue;
    const inverse = 1 / (factor * (lossScale ? initialScale : 1));
    const scaled = await readGradients(engine, parameters);
    gradients = new Map([...scaled].map(([name, values]) => [name, values.map((g) => inverse * g)]));
  }
  const skippedSteps = (await lossScale?.read())?.skippedSteps ?? 0;
  program.destroy();
  return { losses, gradients, skippedSteps };
}
// What rounding explains: f32 runs whose starting weights were changed by as much as f16 rounds, four of them. ReLUs
// that flip make most of it. The f16 run was found within twice the largest distance of these.
const accepted = 4;

perhaps('thirty steps: losses and first gradients are as near to f32 as rounding lets them be', async () => {
  const plain = await train({ stored: 'f32' });
  const half = await train({ stored: 'f16' });
  const changed: Awaited<ReturnType<typeof train>>[] = [];
  for (let change = 0; change < 4; change++) changed.push(await train({ stored: 'f32', change }));

  for (const [name, expected] of plain.gradients) {
    const spread = Math.max(...changed.map(({ gradients }) => relativeError(gradients.get(name)!, expected)));
    const error = relativeError(half.gradients.get(name)!, expected);
    assert.ok(error < accepted * spread, `first gradient of ${name} differs by ${error}, not ${spread}`);
  }
  let spread = 0;
  for (const [t, expected] of plain.losses.entries()) {
    spread = Math.max(spread, ...changed.map(({ losses }) => Math.abs(losses[t]! - expected)));
    const error = Math.abs(half.losses[t]! - expected);
    assert.ok(error < accepted * spread, `step ${t}: the loss is ${half.losses[t]}, not ${expected}`);
  }
  const fall = ({ losses }: typeof plain) => losses[0]! - losses.at(-1)!;
  assert.ok(fall(plain) > 1.5);
  assert.ok(Math.abs(fall(half) / fall(plain) - 1) < 0.05, `the loss falls by ${fall(half)}`);
  assert.is(half.skippedSteps, 0);
});

perhaps(
  'small gradients vanish in f16 without a loss scale, and with one are the same as large ones',
  async () => {
    const zeros = ({ gradients }: Awaited<ReturnType<typeof train>>) => {
      const all = [...gradients.values()].flatMap((values) => [...values]);
      return all.filter((value) => value === 0).length / all.length;
    };
    const half = { stored: 'f16', steps: 1 } as const;
    const [plain, large] = [await train({ stored: 'f32', steps: 1 }), await train(half)];
    const small = await train({ ...half, factor: 2 ** -10, initialScale: 2 ** 24 });
    assert.equal(small.gradients, large.gradients);
    // Some weights meet no pixel at all: images of one pixel are padded.
    assert.ok(zeros(large) - zeros(plain) < 1e-3, `${zeros(large)} are 0, not ${zeros(plain)}`);
    const unscaled = await train({ ...half, factor: 2 ** -20, initialScale: 1 });
    assert.ok(zeros(unscaled) - zeros(plain) > 0.1, `${zeros(unscaled)} are 0, not ${zeros(plain)}`);
  },
);

perhaps('a scale that lets gradients overflow is halved, step by step, until they do not', async () => {
  const { losses, skippedSteps } = await train({
    stored: 'f16',
    factor: 2 ** 8,
    initialScale: 2 ** 24,
    steps: 20,
  });
  assert.ok(skippedSteps > 0 && skippedSteps < 20, `${skippedSteps} steps were skipped`);
  // Nothing moves in a skipped step, so the loss is the same, bit by bit; then it falls.
  assert.equal(new Set(losses.slice(0, skippedSteps + 1)).size, 1);
  assert.ok(losses.at(-1)! < losses[0]!);
});

test.after(() => engine.destroy());
test.run();
