import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { backward } from '../../src/autograd/tape.ts';
import { softmaxCrossEntropy } from '../../src/ops/softmax_cross_entropy.ts';
import fixture from '../fixtures/cross_entropy.json';
import { fill, relativeError } from '../oracle.ts';

const engine = await Engine.create();
const ulp = 2 ** -24;
/** No class: the row is not labelled. */
const none = 0xffffffff;

async function evaluate(logits: ArrayLike<number>, classes: number, labels: readonly number[]) {
  const parameters = engine.parameters();
  const shape = [labels.length, classes];
  const values = parameters.trainable('logits', shape, () => Float32Array.from(logits), { decay: false });
  const given = engine.input([labels.length], 'u32', Uint32Array.from(labels));
  const program = await engine.compile(() => {
    const outputs = softmaxCrossEntropy(values, given);
    backward(outputs.loss);
    return { ...outputs };
  });
  program.run();
  const { loss, metrics } = await program.read();
  const [gradient] = await engine.gpu.read([values.gradient!]);
  program.destroy();
  return {
    loss: loss[0]!,
    accuracy: metrics[0]!,
    labelled: metrics[1]!,
    gradient: new Float32Array(gradient!),
  };
}

test('losses and gradients are PyTorch’s, large logits included', async () => {
  for (const { stream, rows, classes, scale, labels, loss, gradient } of fixture.cases) {
    const result = await evaluate(fill(stream, rows * classes, scale), classes, labels);
    // Logits and loss are rounded once or twice at their own size.
    assert.ok(Math.abs(result.loss - loss) < 4 * ulp * (1 + loss), `${stream}: the loss is ${result.loss}`);
    const error = relativeError(result.gradient, gradient);
    // The exponent's rounding, at the size of the logits.
    assert.ok(error < ulp * scale, `${stream}: the gradient differs by ${error}`);
  }
});

test('equal logits: log of the number of classes', async () => {
  for (const classes of [2, 10, 1000]) {
    const { loss } = await evaluate(new Float32Array(3 * classes).fill(7), classes, [0, 1, 1]);
    assert.ok(Math.abs(loss - Math.log(classes)) < 4 * ulp * Math.log(classes), `${classes}: ${loss}`);
  }
});

test('a confident row keeps a loss that is small beside its logits', async () => {
  const { loss } = await evaluate([1000, 995, 990], 3, [0]);
  const expected = Math.log1p(Math.exp(-5) + Math.exp(-10));
  // The logarithm of a number just above 1 is as exact as that number: within some 2⁻²⁴.
  assert.ok(Math.abs(loss - expected) < 4 * ulp, `${loss} is not ${expected}`);
});

test('unlabelled rows count nowhere', async () => {
  const logits = fill('unlabelled', 5 * 3, 2);
  const all = await evaluate(logits, 3, [2, none, 0, none, 1]);
  const known = [0, 2, 4].flatMap((row) => [...logits.subarray(3 * row, 3 * row + 3)]);
  const few = await evaluate(known, 3, [2, 0, 1]);
  assert.is(all.labelled, 3);
  assert.is(all.loss, few.loss);
  assert.is(all.accuracy, few.accuracy);
  const rows = Array.from({ length: 5 }, (_, row) => [...all.gradient.subarray(3 * row, 3 * row + 3)]);
  assert.equal(
    [rows[1], rows[3]],
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
  );
  assert.equal([...rows[0]!, ...rows[2]!, ...rows[4]!], [...few.gradient]);
});

test('no labelled row at all: loss 0 and gradient 0', async () => {
  const { loss, gradient, labelled, accuracy } = await evaluate([1, 2, 3, 4], 2, [none, none]);
  assert.equal([loss, accuracy, labelled], [0, 0, 0]);
  assert.ok(gradient.every((value) => value === 0));
});

test('accuracy counts the rows whose largest logit is the label’s', async () => {
  const { accuracy } = await evaluate([3, 1, 2, 0, 5, 1, 1, 0, 2, 9, 8, 7], 3, [0, 0, 2, 1]);
  assert.is(accuracy, 0.5);
});

test.after(() => engine.destroy());
test.run();
