import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { currentTape } from '../../src/autograd/tape.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { fill } from '../../src/kernels/elementwise.ts';
import { trainsOverTiles, winogradParts } from '../../src/kernels/winograd.ts';
import { describe } from '../../src/ops/conv2d.ts';
import { winogradForward, winogradInputGradient, winogradWeightGradient } from '../../src/ops/winograd.ts';
import { Random } from '../../src/random.ts';
import { out, type Sizes } from '../twins/convolution.ts';

// Large convolutions of programs that train go over tiles where that is faster; the gradient suite's are too small for it.
// Here some of the results, and of either gradient's numbers, against float64 sums: at these sizes they are too many.
const engine = await Engine.create();

const square = { kernel: 3, stride: 1, pad: 1 };
const samples: readonly Sizes[] = [
  { n: 3, h: 7, w: 9, c: 32, o: 36, ...square },
  { n: 1, h: 8, w: 5, c: 40, o: 32, kernel: 3, stride: 1, pad: 2 },
  { n: 2, h: 10, w: 6, c: 36, o: 32, kernel: 3, stride: 1, pad: 0 },
  // In two parts.
  { n: 9, h: 60, w: 61, c: 32, o: 32, ...square },
];

/** What targets hold before a gradient is added. */
const held = 0.5;

/**
 * Winograd's transforms multiply by up to 8 and cancel: the errors seen are 2.9e-6 of a tensor's largest number, and 1.1e-5
 * in dw where 33,000 terms cancel.
 */
const tolerance = 2e-5;

for (const s of samples) {
  test(`${s.n}×${s.h}×${s.w}×${s.c} → ${s.o}, pad ${s.pad}: results and gradients over tiles are the float64 sums`, async () => {
    const random = new Random(3);
    const draw = (...shape: number[]) => {
      const count = shape.reduce((product, side) => product * side, 1);
      const data = Float32Array.from({ length: count }, () => 2 * random.next() - 1);
      return { data, tensor: engine.input(shape, 'f32', data) };
    };
    const [height, width] = [out(s.h, s), out(s.w, s)];
    const x = draw(s.n, s.h, s.w, s.c);
    const weight = draw(3, 3, s.c, s.o);
    const dy = draw(s.n, height, width, s.o);
    const attributes = { stride: s.stride, pad: s.pad };
    const shape = describe(x.tensor, weight.tensor, attributes);
    assert.is(winogradParts(shape).length, s.n > 8 ? 2 : 1);

    const program = await engine.compile(() => {
      const tape = currentTape();
      const make = (label: string, like: Tensor) => tape.temporary(label, like.shape);
      const y = make('y', dy.tensor);
      const [dx, dw, sum] = [make('dx', x.tensor), make('dw', weight.tensor), make('sum', x.tensor)];
      winogradForward(tape, shape, x.tensor, weight.tensor, y);
      winogradInputGradient(tape, shape, { dy: dy.tensor, weight: weight.tensor, dx }, false);
      tape.dispatch(fill(sum.size, held, 'f32'), { y: sum });
      winogradInputGradient(tape, shape, { dy: dy.tensor, weight: weight.tensor, dx: sum }, true);
      winogradWeightGradient(tape, shape, { x: x.tensor, dy: dy.tensor, dw });
      return { y, dx, dw, sum };
    });
    program.run();
    const results = await program.read();
    program.program.destroy();

    /** Sums over the pixels that a tap brings together, of numbers of x and of y. */
    const at = (image: number, row: number, column: number, channel: number, sides: readonly number[]) =>
      ((image * sides[0]! + row) * sides[1]! + column) * sides[2]! + channel;
    const inX = (n: number, h: number, w: number, c: number) => at(n, h, w, c, [s.h, s.w, s.c]);
    const inY = (n: number, h: number, w: number, o: number) => at(n, h, w, o, [height, width, s.o]);
    const inW = (a: number, b: number, c: number, o: number) => ((a * 3 + b) * s.c + c) * s.o + o;
    const inside = (h: number, w: number, [rows, columns]: readonly [number, number]) =>
      h >= 0 && w >= 0 && h < rows && w < columns;
    const below = (limit: number) => Math.floor(limit * random.next());
    const errors = { y: 0, dx: 0, dw: 0, sum: 0 };
    const largest = (data: ArrayLike<number>) =>
      Array.from(data).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    const scales = { y: largest(results.y!), dx: largest(results.dx!), dw: largest(results.dw!) };
    const note = (name: keyof typeof errors, actual: number, expected: number, scale: number) => {
      errors[name] = Math.max(errors[name], Math.abs(actual - expected) / scale);
    };
    for (let sample = 0; sample < 200; sample++) {
      const [n, c, o, a, b] = [below(s.n), below(s.c), below(s.o), below(3), below(3)];
      const [oh, ow, h, w] = [below(height), below(width), below(s.h), below(s.w)];
      let [y, dx, dw] = [0, 0, 0];
      for (let tap = 0; tap < 9; tap++) {
        const [p, q] = [Math.floor(tap / 3), tap % 3];
        const [row, column] = [oh + p - s.pad, ow + q - s.pad];
        if (inside(row, column, [s.h, s.w])) {
          for (let i = 0; i < s.c; i++) y += x.data[inX(n, row, column, i)]! * weight.data[inW(p, q, i, o)]!;
        }
        const [from, across] = [h + s.pad - p, w + s.pad - q];
        if (inside(from, across, [height, width])) {
          for (let i = 0; i < s.o; i++)
            dx += dy.data[inY(n, from, across, i)]! * weight.data[inW(p, q, c, i)]!;
        }
      }
      for (let image = 0; image < s.n; image++) {
        for (let r = 0; r < height; r++) {
          for (let k = 0; k < width; k++) {
            const [row, column] = [r + a - s.pad, k + b - s.pad];
            if (inside(row, column, [s.h, s.w]))
              dw += x.data[inX(image, row, column, c)]! * dy.data[inY(image, r, k, o)]!;
          }
        }
      }
      note('y', results.y![inY(n, oh, ow, o)]!, y, scales.y);
      note('dx', results.dx![inX(n, h, w, c)]!, dx, scales.dx);
      note('sum', results.sum![inX(n, h, w, c)]!, dx + held, scales.dx);
      note('dw', results.dw![inW(a, b, c, o)]!, dw, scales.dw);
    }
    for (const [name, error] of Object.entries(errors)) {
      assert.ok(error <= tolerance, `${name}: off by ${error} of the largest number`);
    }
  });
}

test('large convolutions of many channels and tiles go over tiles on software adapters, others do not', () => {
  const shape = (sizes: Partial<Sizes>) => {
    const { n, h, w, c, o, kernel, stride, pad } = { ...samples.at(-1)!, ...sizes };
    const tensors = [engine.input([n, h, w, c]), engine.input([kernel, kernel, c, o])] as const;
    return describe(...tensors, { stride, pad });
  };
  const goes = (driver: 'llvmpipe' | 'gpu', sizes: Partial<Sizes> = {}) =>
    trainsOverTiles({ ...engine.gpu.capabilities, driver }, shape(sizes));
  assert.ok(goes('llvmpipe'));
  assert.not(goes('gpu'));
  for (const sizes of [{ c: 16 }, { n: 1 }, { stride: 2 }, { n: 16, h: 4, w: 4, c: 512, o: 512 }])
    assert.not(goes('llvmpipe', sizes), JSON.stringify(sizes));
});

test.after(() => engine.destroy());
test.run();
