import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { ParameterPart } from '../../src/autograd/parameter_part.ts';

const engine = await Engine.create();
const filled = (value: number) => (shape: readonly number[]) =>
  new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(value);
const decay = { decay: true };

test('a part lists and reads its own tensors, in the memory of the whole, which has all of them', async () => {
  const whole = engine.parameters();
  const [first, second] = [new ParameterPart(whole), new ParameterPart(whole)];
  first.trainable('a.weight', [2, 3], filled(1), decay);
  second.trainable('b.weight', [4], filled(2), decay);
  first.buffer('a.running_mean', [3], filled(3));
  const names = (store: Pick<ParameterPart, 'entries'>) => store.entries.map(({ name }) => name);
  assert.equal(names(first), ['a.weight', 'a.running_mean']);
  assert.equal(names(second), ['b.weight']);
  assert.equal(names(whole), ['a.weight', 'b.weight', 'a.running_mean']);
  assert.equal(
    [...(await first.read())],
    [
      ['a.weight', filled(1)([6])],
      ['a.running_mean', filled(3)([3])],
    ],
  );
  whole.write('b.weight', Float32Array.of(5, 6, 7, 8));
  assert.equal([...(await second.read())], [['b.weight', Float32Array.of(5, 6, 7, 8)]]);
  // One buffer for all trainable tensors: one optimizer moves them in one dispatch.
  const [a, b] = whole.entries;
  assert.is(a!.tensor.storage.buffer, b!.tensor.storage.buffer);
  whole.destroy();
});

test('a name that another part has is refused, and stays the other’s', () => {
  const whole = engine.parameters();
  const [first, second] = [new ParameterPart(whole), new ParameterPart(whole)];
  first.trainable('weight', [1], filled(0), decay);
  assert.throws(() => second.trainable('weight', [2], filled(0), decay), "two tensors are named 'weight'");
  assert.equal([first.entries.length, second.entries.length], [1, 0]);
});

test.after(() => engine.destroy());
test.run();
