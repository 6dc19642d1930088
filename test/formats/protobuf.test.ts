import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Message } from '../../src/formats/protobuf.ts';

const hex = (message: Message) =>
  [...message.encode()].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

test('messages are those of the wire format’s own page', () => {
  // https://protobuf.dev/programming-guides/encoding/: Test1, Test2, Test3 and the packed Test5.
  assert.is(hex(new Message().integer(1, 150)), '08 96 01');
  assert.is(hex(new Message().text(2, 'testing')), '12 07 74 65 73 74 69 6e 67');
  assert.is(hex(new Message().message(3, new Message().integer(1, 150))), '1a 03 08 96 01');
  assert.is(hex(new Message().integers(6, [3, 270, 86942])), '32 06 03 8e 02 9e a7 05');
});

test('field numbers above 15 take two bytes, whole numbers above 2³² are exact, floats little-endian', () => {
  assert.is(hex(new Message().integer(20, 0)), 'a0 01 00');
  assert.is(hex(new Message().integer(1, 2 ** 35 + 1)), '08 81 80 80 80 80 01');
  assert.is(hex(new Message().float(2, 1.5)), '15 00 00 c0 3f');
  assert.is(hex(new Message().texts(1, ['a', 'é'])), '0a 01 61 0a 02 c3 a9');
});

test('what the format has no such number for is refused', () => {
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN])
    assert.throws(() => new Message().integer(1, value), RangeError, String(value));
});

test.run();
