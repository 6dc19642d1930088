import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { halfToNumber, toHalves, toNumbers } from '../../src/numerics/half.ts';

const bitsOf = (...values: number[]) => [...toHalves(Float32Array.from(values))].slice(0, values.length);

test('every half is the number that IEEE 754 says, and comes back from it', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = halfToNumber(bits);
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    if (exponent === 31 && fraction) {
      assert.ok(Number.isNaN(value));
      continue;
    }
    const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : (fraction / 1024) * 2 ** -14;
    assert.is(Math.abs(value), exponent === 31 ? Infinity : size);
    assert.is(toHalves(Float32Array.of(value))[0], bits);
  }
});

test('all halves at once are the same numbers; tens of millions take well under a second', () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
  const numbers = toNumbers(all);
  for (let bits = 0; bits < 0x10000; bits++)
    assert.ok(Object.is(numbers[bits], halfToNumber(bits)), `${bits}`);
  const start = process.cpuUsage();
  assert.is(toNumbers(new Uint16Array(33e6).fill(0xc000))[33e6 - 1], -2);
  const { user } = process.cpuUsage(start);
  // A tenth of a second on an idle core; element by element it would be a second and more.
  assert.ok(user < 6e5, `${user / 1e3} ms`);
});

test('a number between two halves goes to the nearer, in the middle to the even one', () => {
  for (const bits of [0, 1, 2, 0x3fe, 0x3ff, 0x400, 0x401, 0x3bff, 0x3c00, 0x3c01, 0x7bfe]) {
    const [low, high] = [halfToNumber(bits), halfToNumber(bits + 1)];
    const middle = (low + high) / 2;
    // A float32 has 13 more bits than a half: these two are next to the middle.
    const [below, above] = [middle - (high - low) / 4096, middle + (high - low) / 4096];
    assert.equal(bitsOf(below, middle, above), [bits, bits % 2 === 0 ? bits : bits + 1, bits + 1]);
    assert.equal(bitsOf(-below, -above), [0x8000 + bits, 0x8001 + bits]);
  }
});

test('what is too large becomes infinite, what is too small zero, and signs stay', () => {
  assert.equal(bitsOf(65504, 65519.996, 65520, 1e38, -Infinity), [0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00]);
  assert.equal(bitsOf(2 ** -25, 2 ** -25 * 1.001, -1e-30, -0), [0, 1, 0x8000, 0x8000]);
  assert.ok(Number.isNaN(halfToNumber(bitsOf(Number.NaN)[0]!)));
});

test('an odd number of halves takes whole words, and is read as it was written', async () => {
  assert.equal([...toHalves(Float32Array.of(1, 2, 3))], [0x3c00, 0x4000, 0x4200, 0]);
  const engine = await Engine.create();
  const tensor = engine.input([3], 'f16', Float32Array.of(1 / 3, -2, 70000));
  assert.is(tensor.storage.bytes, 6);
  const [values] = await engine.read(tensor);
  assert.equal([...values!], [Math.round((1 / 3) * 4096) / 4096, -2, Infinity]);
  assert.throws(() => engine.write(tensor, Float32Array.of(1)), /\[3\] f16 cannot take 1 elements of f32/);
  assert.throws(() => engine.input([1], 'f16', Uint32Array.of(1)), /\[1\] f16 cannot take 1 elements of u32/);
  engine.destroy();
});

test.run();
