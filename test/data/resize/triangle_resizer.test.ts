import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createResizer } from '../../../src/data/resize/triangle_resizer.ts';

/** An RGB image whose three channels are value, 255 − value and 7. */
function image(rows: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(rows.flatMap((row) => row.flatMap((value) => [value, 255 - value, 7])));
}

function resize(rows: readonly (readonly number[])[], size: number): number[] {
  const target = new Uint8Array(size * size * 3);
  createResizer(rows[0]!.length, rows.length, size)(image(rows), target);
  return Array.from({ length: size * size }, (_, pixel) => {
    // Rounding may take value and 255 − value both up.
    assert.ok(Math.abs(target[pixel * 3]! + target[pixel * 3 + 1]! - 255) <= 1);
    assert.is(target[pixel * 3 + 2], 7);
    return target[pixel * 3]!;
  });
}

test('keeps an image of the wanted size as it is', () => {
  assert.equal(
    resize(
      [
        [1, 2],
        [3, 4],
      ],
      2,
    ),
    [1, 2, 3, 4],
  );
});

test('enlarges bilinearly with pixel centres at half-integers', () => {
  const row = [0, 25, 75, 100];
  assert.equal(
    resize(
      [
        [0, 100],
        [0, 100],
      ],
      4,
    ),
    [...row, ...row, ...row, ...row],
  );
  assert.equal(
    resize(
      [
        [0, 0],
        [100, 100],
      ],
      4,
    ),
    row.flatMap((value) => [value, value, value, value]),
  );
});

test('averages over the area with triangle weights when it shrinks', () => {
  // Halving: the four pixels nearest an output's centre weigh 1:3:3:1, so the second is (3·140 + 140) / 8.
  const rows = Array.from({ length: 8 }, () => [0, 0, 0, 140, 140, 140, 140, 140]);
  assert.equal(resize(rows, 4).slice(0, 4), [0, 70, 140, 140]);
});

test('keeps a constant image constant at ragged sizes', () => {
  for (const [width, height, size] of [
    [1, 1, 5],
    [28, 28, 32],
    [7, 3, 2],
    [3, 17, 16],
    [33, 31, 1],
  ] as const) {
    const rows = Array.from({ length: height }, () => new Array<number>(width).fill(201));
    assert.ok(
      resize(rows, size).every((value) => value === 201),
      `${width}×${height} to ${size}`,
    );
  }
});

test('takes the centre of the longer side', () => {
  const wide = [10, 10, 50, 90, 130, 130];
  assert.equal(resize([wide, wide], 2), [50, 90, 50, 90]);
  const tall = [
    [10, 10],
    [50, 50],
    [90, 90],
    [130, 130],
  ];
  assert.equal(resize(tall, 2), [50, 50, 90, 90]);
});

test.run();
