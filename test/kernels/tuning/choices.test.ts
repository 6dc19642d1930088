import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Choices } from '../../../src/kernels/tuning/choices.ts';

const never = () => {
  throw new Error('not to be made before it is timed');
};

test('what a run began with goes before what was measured, and that before what was shipped', () => {
  const choices = new Choices();
  choices.ship({ a: 'shipped', b: 'shipped', c: 'shipped' });
  choices.learn({ a: 'measured', b: 'measured' });
  choices.fix({ a: 'fixed' });
  const get = () => ['a', 'b', 'c', 'd'].map((key) => choices.get(key, 1e9, never));
  assert.equal(get(), ['fixed', 'measured', 'shipped', undefined]);
  assert.equal(choices.used, { a: 'fixed', b: 'measured', c: 'shipped', d: null });
  // A run's own choices are none that were measured, and are not kept as such.
  assert.equal(choices.measured, { a: 'measured', b: 'measured' });
  choices.clear();
  assert.equal(get(), [undefined, undefined, undefined, undefined]);
});

test('what is asked for in vain is remembered, most work first, until it is learnt', () => {
  const choices = new Choices();
  choices.get('c', 1e9, never);
  choices.get('c', 1e9, never);
  choices.get('d', 3e9, never);
  choices.withDefaults(() => choices.get('planned', 1e9, never));
  assert.equal(
    choices.wishes.map(({ key, multiplyAdds }) => [key, multiplyAdds]),
    [
      ['d', 3e9],
      ['c', 2e9],
    ],
  );
  choices.learn({ c: null, d: 'x' });
  assert.equal(choices.wishes, []);
  assert.equal(choices.counts, { measured: 1, shipped: 0 });
  choices.forgetUntimed();
  assert.equal([choices.known('c'), choices.known('d')], [undefined, 'x']);
});

test('small calls are not asked for, and keep their default whatever a larger shape of the class found', () => {
  const choices = new Choices();
  choices.get('a', 1e5, never);
  assert.equal(choices.wishes, []);
  choices.learn({ a: 'measured' });
  assert.equal([choices.get('a', 1e9, never), choices.get('a', 1e5, never)], ['measured', undefined]);
});

test('planning has defaults', () => {
  const choices = new Choices();
  choices.learn({ a: 'measured' });
  assert.is(
    choices.withDefaults(() => choices.get('a', 1e9, never)),
    undefined,
  );
  assert.equal(choices.used, {});
  assert.is(choices.get('a', 1e9, never), 'measured');
});

test.run();
