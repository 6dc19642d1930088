import type { Case } from './case.ts';

export interface Sizes {
  n: number;
  h: number;
  w: number;
  c: number;
  o: number;
  kernel: number;
  stride: number;
  pad: number;
  /** Elements from one pixel to the next, where they are more than the weights' channels. */
  pitch?: number;
}

export const out = (side: number, { kernel, stride, pad }: Sizes) =>
  Math.floor((side + 2 * pad - kernel) / stride) + 1;

/** Calls `visit` with the flat indices of every (output pixel, tap) that falls inside the image. */
function taps(s: Sizes, visit: (image: number, outPixel: number, pixel: number, tap: number) => void): void {
  const [oh, ow] = [out(s.h, s), out(s.w, s)];
  for (let n = 0; n < s.n; n++) {
    for (let p = 0; p < oh * ow; p++) {
      for (let tap = 0; tap < s.kernel ** 2; tap++) {
        const row = Math.floor(p / ow) * s.stride + Math.floor(tap / s.kernel) - s.pad;
        const column = (p % ow) * s.stride + (tap % s.kernel) - s.pad;
        if (row < 0 || row >= s.h || column < 0 || column >= s.w) continue;
        visit(n, n * oh * ow + p, (n * s.h + row) * s.w + column, tap);
      }
    }
  }
}

export function convolutionCase(s: Sizes): Case {
  const { pitch = s.c } = s;
  const twin = ([x, weight]: readonly Float64Array[]) => {
    const y = new Float64Array(s.n * out(s.h, s) * out(s.w, s) * s.o);
    taps(s, (_, outPixel, pixel, tap) => {
      for (let i = 0; i < s.c; i++) {
        for (let o = 0; o < s.o; o++) {
          y[outPixel * s.o + o]! += x![pixel * pitch + i]! * weight![(tap * s.c + i) * s.o + o]!;
        }
      }
    });
    return [y];
  };
  const name = `${s.n}×${s.h}×${s.w}×${s.c}${pitch === s.c ? '' : ` of ${pitch}`} → ${s.o}, ${s.kernel}×${s.kernel} stride ${s.stride} pad ${s.pad}`;
  const inputs = [
    { shape: [s.n, s.h, s.w, pitch], constant: pitch !== s.c },
    { shape: [s.kernel, s.kernel, s.c, s.o] },
  ];
  return { name, inputs, attributes: { stride: s.stride, pad: s.pad }, twin };
}

export const convolutionCases: readonly Case[] = [
  convolutionCase({ n: 1, h: 1, w: 1, c: 1, o: 1, kernel: 1, stride: 1, pad: 0 }),
  convolutionCase({ n: 2, h: 5, w: 7, c: 3, o: 5, kernel: 3, stride: 1, pad: 1 }),
  convolutionCase({ n: 2, h: 6, w: 5, c: 2, o: 9, kernel: 3, stride: 2, pad: 1 }),
  convolutionCase({ n: 3, h: 5, w: 4, c: 9, o: 3, kernel: 1, stride: 2, pad: 0 }),
  convolutionCase({ n: 1, h: 9, w: 8, c: 4, o: 3, kernel: 7, stride: 2, pad: 3 }),
  // Images padded to four channels, of which the weights take three.
  convolutionCase({ n: 2, h: 5, w: 4, c: 3, o: 3, kernel: 3, stride: 1, pad: 1, pitch: 4 }),
  convolutionCase({ n: 1, h: 4, w: 4, c: 17, o: 17, kernel: 3, stride: 1, pad: 1 }),
  convolutionCase({ n: 1, h: 5, w: 5, c: 2, o: 2, kernel: 3, stride: 1, pad: 0 }),
  // Channels of whole vec4f, which adapters with subgroups take four images at a time.
  convolutionCase({ n: 5, h: 3, w: 4, c: 4, o: 12, kernel: 3, stride: 2, pad: 1 }),
  convolutionCase({ n: 3, h: 5, w: 3, c: 8, o: 4, kernel: 1, stride: 2, pad: 0 }),
  convolutionCase({ n: 2, h: 6, w: 5, c: 3, o: 8, kernel: 7, stride: 2, pad: 3, pitch: 4 }),
  convolutionCase({ n: 1, h: 3, w: 3, c: 36, o: 4, kernel: 1, stride: 1, pad: 0 }),
  convolutionCase({ n: 1, h: 2, w: 2, c: 4, o: 36, kernel: 3, stride: 1, pad: 1 }),
  // Lines that are whole runs of four and of eight pixels, one and several to a line.
  convolutionCase({ n: 2, h: 3, w: 4, c: 4, o: 20, kernel: 3, stride: 1, pad: 1 }),
  convolutionCase({ n: 3, h: 3, w: 8, c: 12, o: 8, kernel: 3, stride: 1, pad: 1 }),
  convolutionCase({ n: 1, h: 3, w: 16, c: 3, o: 8, kernel: 3, stride: 1, pad: 1, pitch: 4 }),
];

function maxPoolCase(s: Sizes): Case {
  const twin = ([x]: readonly Float64Array[]) => {
    const y = new Float64Array(s.n * out(s.h, s) * out(s.w, s) * s.c).fill(-Infinity);
    taps(s, (_, outPixel, pixel) => {
      for (let c = 0; c < s.c; c++)
        y[outPixel * s.c + c] = Math.max(y[outPixel * s.c + c]!, x![pixel * s.c + c]!);
    });
    return [y];
  };
  const { kernel, stride, pad } = s;
  const name = `${s.n}×${s.h}×${s.w}×${s.c}, ${kernel}×${kernel} stride ${stride} pad ${pad}`;
  return { name, inputs: [{ shape: [s.n, s.h, s.w, s.c] }], attributes: { kernel, stride, pad }, twin };
}

/** Disjoint windows, of which those at the end may stick out: they average what lies in the image. */
function averageWindowsCase(n: number, h: number, w: number, c: number, kernel: number): Case {
  const [oh, ow] = [Math.ceil(h / kernel), Math.ceil(w / kernel)];
  const twin = ([x]: readonly Float64Array[]) => {
    const sums = new Float64Array(n * oh * ow * c);
    const counts = new Float64Array(sums.length);
    x!.forEach((value, i) => {
      const [channel, column, row] = [i % c, Math.floor(i / c) % w, Math.floor(i / (c * w)) % h];
      const image = Math.floor(i / (c * w * h));
      const window = (image * oh + Math.floor(row / kernel)) * ow + Math.floor(column / kernel);
      sums[window * c + channel]! += value;
      counts[window * c + channel]! += 1;
    });
    return [sums.map((sum, i) => sum / counts[i]!)];
  };
  const inputs = [{ shape: [n, h, w, c] }];
  return { name: `${n}×${h}×${w}×${c}, ${kernel}×${kernel}`, inputs, attributes: { kernel }, twin };
}

function subsamplePadCase(shape: number[], stride: number, before: number, after: number): Case {
  const [n, h, w, c] = shape as [number, number, number, number];
  const twin = ([x]: readonly Float64Array[]) => {
    const y: number[] = [];
    for (let image = 0; image < n; image++) {
      for (let row = 0; row < h; row += stride) {
        for (let column = 0; column < w; column += stride) {
          const pixel = ((image * h + row) * w + column) * c;
          y.push(...Array(before).fill(0), ...x!.subarray(pixel, pixel + c), ...Array(after).fill(0));
        }
      }
    }
    return [Float64Array.from(y)];
  };
  const name = `${shape.join('×')} stride ${stride}, ${before} before, ${after} behind`;
  return { name, inputs: [{ shape }], attributes: { stride, before, after }, twin };
}

const averageTwin = (n: number, area: number, c: number) => (inputs: readonly Float64Array[]) => {
  const y = new Float64Array(n * c);
  for (let i = 0; i < n * area * c; i++)
    y[Math.floor(i / (area * c)) * c + (i % c)]! += inputs[0]![i]! / area;
  return [y];
};

export const poolingCases = {
  max_pool: [
    maxPoolCase({ n: 2, h: 7, w: 6, c: 3, o: 3, kernel: 3, stride: 2, pad: 1 }),
    maxPoolCase({ n: 1, h: 4, w: 5, c: 17, o: 17, kernel: 2, stride: 2, pad: 0 }),
  ],
  average_pool: [
    { name: '2×3×5×17', inputs: [{ shape: [2, 3, 5, 17] }], attributes: null, twin: averageTwin(2, 15, 17) },
  ],
  average_pool_2d: [
    averageWindowsCase(2, 5, 7, 3, 2),
    averageWindowsCase(1, 6, 4, 17, 2),
    averageWindowsCase(3, 1, 1, 2, 2),
    averageWindowsCase(1, 8, 5, 1, 3),
  ],
  subsample_pad: [
    subsamplePadCase([2, 5, 7, 3], 2, 1, 2),
    subsamplePadCase([1, 6, 4, 17], 2, 8, 9),
    subsamplePadCase([3, 1, 1, 2], 2, 0, 0),
    subsamplePadCase([1, 8, 5, 1], 3, 0, 4),
    subsamplePadCase([1, 3, 2, 2], 1, 3, 0),
  ],
} satisfies Record<string, readonly Case[]>;
