import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Binding, encodeUniform, type Shader, specialise } from '../../src/gpu/shader.ts';

const shader: Shader = {
  name: 'tile',
  source:
    'const SIZE = 8u;\nconst RATE = 0.5f;\nconst RELU = true;\nconst HALF = SIZE / 2u;\n// const GONE = 1u;\n',
  entries: {},
};

test('constants take other values, and the rest of the file stays', () => {
  assert.is(
    specialise(shader, { SIZE: 12, RELU: false, RATE: 0.25 }),
    'const SIZE = 12u;\nconst RATE = 0.25f;\nconst RELU = false;\nconst HALF = SIZE / 2u;\n// const GONE = 1u;\n',
  );
  assert.is(specialise(shader, {}), shader.source);
});

test('an alias becomes another type', () => {
  const typed = { ...shader, source: 'alias Element = vec4f; // of a lane\nconst SIZE = 8u;\n' };
  const expected = 'alias Element = f32; // of a lane\nconst SIZE = 8u;\n';
  assert.is(specialise(typed, { Element: 'f32' }), expected);
  assert.throws(() => specialise(typed, { Stored: 'f32' }), /^tile\.wgsl declares no alias Stored/);
});

test('a constant that is not declared, or of another kind, is refused by name', () => {
  assert.throws(() => specialise(shader, { WIDTH: 8 }), /^tile\.wgsl declares no const WIDTH/);
  assert.throws(() => specialise(shader, { GONE: 8 }), /declares no const GONE/);
  for (const value of [1.5, -1, Number.NaN, true])
    assert.throws(() => specialise(shader, { SIZE: value }), /constant SIZE = 8u cannot become /, `${value}`);
  assert.throws(() => specialise(shader, { RELU: 1 }), /constant RELU = true cannot become 1/);
  assert.throws(() => specialise(shader, { RATE: Infinity }), /constant RATE = 0\.5f cannot become Infinity/);
});

test('a half type is enabled in front of everything', () => {
  const stored = { ...shader, source: `alias Stored = f32;\n${shader.source}` };
  for (const half of ['f16', 'vec4h']) {
    const expected = `enable f16;\nalias Stored = ${half};\n${shader.source.replace('8u', '4u')}`;
    assert.is(specialise(stored, { Stored: half, SIZE: 4 }), expected);
    assert.is(specialise(stored, { SIZE: 4, Stored: half }), expected);
  }
  assert.is(specialise(stored, { Stored: 'f32' }), stored.source);
});

const binding: Binding = {
  name: 'params',
  binding: 0,
  type: 'uniform',
  uniform: {
    size: 16,
    fields: [
      { name: 'rows', offset: 0, type: 'u32' },
      { name: 'shift', offset: 4, type: 'i32' },
      { name: 'rate', offset: 12, type: 'f32' },
    ],
  },
};

test('a uniform is encoded at the offsets and in the types that the shader declares', () => {
  const view = new DataView(encodeUniform(binding, { rate: 0.1, rows: 0xfffffffe, shift: -3 }));
  assert.is(view.byteLength, 16);
  assert.is(view.getUint32(0, true), 0xfffffffe);
  assert.is(view.getInt32(4, true), -3);
  assert.is(view.getUint32(8, true), 0);
  assert.is(view.getFloat32(12, true), Math.fround(0.1));
});

test('a uniform that lacks a field, or has one too many, is refused by name', () => {
  assert.throws(() => encodeUniform(binding, { rows: 1, shift: 0 }), /params lacks a value for rate/);
  const values = { rows: 1, shift: 0, rate: 1, row: 2 };
  assert.throws(() => encodeUniform(binding, values), /params has no field row$/);
  const storage: Binding = { name: 'x', binding: 1, type: 'storage' };
  assert.throws(() => encodeUniform(storage, {}), /x is not a uniform/);
});

test.run();
