import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { addNoise, blur, drawMask, hidePatches } from '../../src/ops/generative/mask.ts';
import {
  composed,
  explained,
  meanColourRows,
  normalisedRows,
  pixelRows,
  zeroRows,
} from '../../src/ops/generative/patch_pixels.ts';
import { fill, largestError } from '../oracle.ts';
import { pcg4d } from '../twins/augment.ts';

// What is done to images before they are brought back, and what they are compared with.
const engine = await Engine.create();
const [images, side, grid, seed, step] = [3, 15, 5, 11, 5];
const patch = side / grid;
const patches = grid ** 2;
const numbers = [4, 9, 2];
const values = fill('generative views', images * side * side * 4).map((v, i) => (i % 4 === 3 ? 0 : v));
const views = engine.input([images, side, side, 4], 'f32', values);
const draws = {
  numbers: engine.input([images], 'u32', Uint32Array.from(numbers)),
  counter: engine.input([2], 'u32', Uint32Array.of(seed, step)),
};

async function evaluate<Outputs extends Record<string, Tensor>>(body: () => Outputs) {
  const program = await engine.compile(body);
  program.run();
  const outputs = await program.read();
  program.destroy();
  return outputs;
}

/** Patches of an image in the order of their hashes. */
const orderOf = (number: number): number[] => {
  const hashes = Array.from({ length: patches }, (_, p) => pcg4d([seed, step, number, 0x40000000 + p])[0]!);
  return hashes.map((_, p) => p).sort((a, b) => hashes[a]! - hashes[b]! || a - b);
};
const place = (i: number) => {
  const [h, w] = [Math.floor(i / side) % side, i % side];
  return Math.floor(h / patch) * grid + Math.floor(w / patch);
};

test('a mask hides exactly as many patches of every image, those of the largest hashes; other pixels stay', async () => {
  const visible = 7;
  const { ranks, order, hidden } = await evaluate(() => {
    const mask = drawMask(draws, { patches, visible });
    return { ranks: mask.ranks, order: mask.order, hidden: hidePatches(views, mask) };
  });
  const orders = numbers.map(orderOf);
  assert.equal([...order], orders.flat());
  for (let image = 0; image < images; image++) {
    const own = [...ranks.subarray(image * patches, (image + 1) * patches)];
    assert.equal(
      [...own].sort((a, b) => a - b),
      [...own.keys()],
    );
    assert.is(own.filter((rank) => rank >= visible).length, patches - visible);
    for (const [rank, p] of orders[image]!.entries()) assert.is(own[p], rank);
  }
  const expected = values.map((value, i) => {
    const pixel = Math.floor(i / 4);
    const rank = orders[Math.floor(pixel / side ** 2)]!.indexOf(place(pixel));
    return rank < visible ? value : 0;
  });
  assert.is(largestError(hidden, expected), 0);
});

test('over many steps every patch is hidden as often as any other', async () => {
  const [visible, steps] = [5, 300];
  const program = await engine.compile(() => ({ order: drawMask(draws, { patches, visible }).order }));
  const seen = new Array<number>(patches).fill(0);
  for (let t = 0; t < steps; t++) {
    engine.write(draws.counter, Uint32Array.of(seed, t));
    program.run();
    const { order } = await program.read();
    for (let image = 0; image < images; image++)
      for (let rank = 0; rank < visible; rank++) seen[order[image * patches + rank]!]!++;
  }
  engine.write(draws.counter, Uint32Array.of(seed, step));
  const share = visible / patches;
  // Five standard deviations of a binomial count.
  const slack = 5 * Math.sqrt(images * steps * share * (1 - share));
  for (const count of seen) assert.ok(Math.abs(count - images * steps * share) < slack, `${count} times`);
});

test('noise is normal, of the deviation of each channel, by image and step alone; a blur is the Gaussian', async () => {
  const deviations = [0.5, 1, 2] as const;
  const sigma = 1.1;
  const { noisy, soft } = await evaluate(() => ({
    noisy: addNoise(views, draws, deviations),
    soft: blur(views, sigma),
  }));
  const normals = (number: number, pixel: number) => {
    const u = pcg4d([seed, step, number, 0x60000000 + pixel]).map((word) => (word >>> 8) / 2 ** 24);
    const [r, s] = [u[0]!, u[2]!].map((v) => Math.sqrt(-2 * Math.log(1 - v))) as [number, number];
    const [a, b] = [2 * Math.PI * u[1]!, 2 * Math.PI * u[3]!];
    return [r * Math.cos(a), r * Math.sin(a), s * Math.cos(b), 0];
  };
  const expected = values.map((value, i) => {
    const pixel = Math.floor(i / 4);
    const number = numbers[Math.floor(pixel / side ** 2)]!;
    return value + normals(number, pixel % side ** 2)[i % 4]! * (deviations[i % 4] ?? 0);
  });
  // WGSL gives a logarithm near 1, a sine and a cosine to 2⁻¹¹ at worst.
  assert.ok(largestError(noisy, expected) < 5e-3);
  const radius = Math.ceil(3 * sigma);
  const mirrored = (at: number) => (at < 0 ? -at : at >= side ? 2 * (side - 1) - at : at);
  const taps = Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-0.5 * ((k - radius) / sigma) ** 2));
  const total = taps.reduce((a, b) => a + b, 0);
  const blurred = values.map((_, i) => {
    const [pixel, c] = [Math.floor(i / 4), i % 4];
    const [image, h, w] = [Math.floor(pixel / side ** 2), Math.floor(pixel / side) % side, pixel % side];
    let sum = 0;
    taps.forEach((a, r) => {
      taps.forEach((b, s) => {
        const [row, column] = [mirrored(h + r - radius), mirrored(w + s - radius)];
        sum += ((a * b) / total ** 2) * values[((image * side + row) * side + column) * 4 + c]!;
      });
    });
    return sum;
  });
  // Weights of a few ulp.
  assert.ok(largestError(soft, blurred) < 1e-5);
});

test('rows are normalised by their own mean and deviation, painted in mean colours, and put together again', async () => {
  const result = await evaluate(() => {
    const mask = drawMask(draws, { patches, visible: 6 });
    const rows = pixelRows(views, patch);
    const normal = normalisedRows(rows);
    return {
      ...{ rows, normal, ranks: mask.ranks, paint: meanColourRows(views, rows), none: zeroRows(rows) },
      back: composed(rows, normal, { mask, normalised: true }),
      shown: composed(rows, zeroRows(rows), { mask, normalised: false }),
    };
  });
  const columns = 3 * patch ** 2;
  const expected = Array.from({ length: images * patches }, (_, row) => {
    const own = [...result.rows.subarray(row * columns, (row + 1) * columns)];
    const mean = own.reduce((a, b) => a + b, 0) / columns;
    const variance = own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / columns;
    return own.map((v) => (v - mean) / Math.sqrt(variance + 1e-6));
  });
  // Sums of 27 numbers.
  assert.ok(largestError(result.normal, expected.flat()) < 1e-5);
  assert.ok(largestError(result.back, [...values]) < 1e-5);
  const colours = numbers.flatMap((_, image) => {
    const own = values.subarray(image * side * side * 4, (image + 1) * side * side * 4);
    const mean = [0, 1, 2].map(
      (c) => own.filter((_, i) => i % 4 === c).reduce((a, b) => a + b, 0) / side ** 2,
    );
    return Array.from({ length: side ** 2 }, () => mean).flat();
  });
  assert.ok(largestError(result.paint, colours) < 1e-5);
  assert.ok(result.none.every((value) => value === 0));
  const shown = values.map((value, i) => {
    const pixel = Math.floor(i / 4);
    const rank = result.ranks[Math.floor(pixel / side ** 2) * patches + place(pixel)]!;
    return rank < 6 ? value : 0;
  });
  assert.is(largestError(result.shown, [...shown]), 0);
});

test('a loss explains what it leaves less than the mean does; a mean without a loss explains nothing', async () => {
  const [loss, mean, other, none] = [0.25, 0.5, 1, 0].map((v) =>
    engine.input([1], 'f32', Float32Array.of(v)),
  ) as [Tensor, Tensor, Tensor, Tensor];
  const { shares, flat } = await evaluate(() => ({
    shares: explained(loss, mean, other),
    flat: explained(loss, none, other),
  }));
  assert.equal([...shares], [0.5, 0.5, -1]);
  assert.equal([...flat], [0, 0, 0]);
});

test.after(() => engine.destroy());
test.run();
