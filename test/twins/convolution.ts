import type { Case } from './case.ts';

interface Sizes {
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

const out = (side: number, { kernel, stride, pad }: Sizes) =>
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

function convolutionCase(s: Sizes): Case {
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
} satisfies Record<string, readonly Case[]>;
