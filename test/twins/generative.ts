import type { Case } from './case.ts';

/** Where output pixel i of an axis lies: two input pixels, and the second one's share (PyTorch, align_corners=False). */
function between(i: number, side: number, factor: number): readonly [number, number, number] {
  const place = Math.max(0, (i + 0.5) / factor - 0.5);
  const first = Math.floor(place);
  return [first, Math.min(first + 1, side - 1), place - first];
}

function upsampleCase(
  [images, height, width, channels]: readonly [number, number, number, number],
  factor: number,
  bilinear: boolean,
): Case {
  return {
    name: `${images}×${height}×${width}×${channels} by ${factor}${bilinear ? ', bilinear' : ''}`,
    inputs: [{ shape: [images, height, width, channels] }],
    attributes: { factor, bilinear },
    twin([x]) {
      const y: number[] = [];
      const at = (n: number, h: number, w: number, c: number) =>
        x![((n * height + h) * width + w) * channels + c]!;
      for (let n = 0; n < images; n++)
        for (let i = 0; i < factor * height; i++)
          for (let j = 0; j < factor * width; j++)
            for (let c = 0; c < channels; c++) {
              if (!bilinear) {
                y.push(at(n, Math.floor(i / factor), Math.floor(j / factor), c));
                continue;
              }
              const [top, bottom, v] = between(i, height, factor);
              const [left, right, u] = between(j, width, factor);
              const upper = (1 - u) * at(n, top, left, c) + u * at(n, top, right, c);
              const lower = (1 - u) * at(n, bottom, left, c) + u * at(n, bottom, right, c);
              y.push((1 - v) * upper + v * lower);
            }
      return [Float64Array.from(y)];
    },
  };
}

export const upsampleCases: readonly Case[] = [
  upsampleCase([2, 3, 2, 5], 2, false),
  upsampleCase([2, 3, 5, 3], 2, true),
  upsampleCase([1, 2, 4, 8], 3, true),
  upsampleCase([1, 1, 3, 4], 4, true),
  upsampleCase([1, 2, 2, 4], 1, true),
];

/** PyTorch's definition: every input pixel lays its window, times its values, on the larger image. */
function conv2dTransposeCase(sizes: {
  n: number;
  h: number;
  w: number;
  c: number;
  o: number;
  kernel: number;
  stride: number;
  pad: number;
  outputPad: number;
}): Case {
  const { n: images, h, w, c: inputs, o: outputs, kernel, stride, pad, outputPad } = sizes;
  const side = (windows: number) => (windows - 1) * stride - 2 * pad + kernel + outputPad;
  const [height, width] = [side(h), side(w)];
  return {
    name: `${images}×${h}×${w}×${inputs} → ${height}×${width}×${outputs}, ${kernel}×${kernel} stride ${stride} pad ${pad} + ${outputPad}`,
    inputs: [{ shape: [images, h, w, inputs] }, { shape: [kernel, kernel, outputs, inputs] }],
    attributes: { stride, pad, outputPad },
    twin([x, weight]) {
      const y = new Float64Array(images * height * width * outputs);
      for (let pixel = 0; pixel < images * h * w; pixel++)
        for (let tap = 0; tap < kernel ** 2; tap++) {
          const row = (Math.floor(pixel / w) % h) * stride - pad + Math.floor(tap / kernel);
          const column = (pixel % w) * stride - pad + (tap % kernel);
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          const to = (Math.floor(pixel / (h * w)) * height + row) * width + column;
          for (let o = 0; o < outputs; o++)
            for (let i = 0; i < inputs; i++)
              y[to * outputs + o]! += x![pixel * inputs + i]! * weight![(tap * outputs + o) * inputs + i]!;
        }
      return [y];
    },
  };
}

export const conv2dTransposeCases: readonly Case[] = [
  conv2dTransposeCase({ n: 2, h: 3, w: 4, c: 5, o: 3, kernel: 3, stride: 2, pad: 1, outputPad: 1 }),
  conv2dTransposeCase({ n: 1, h: 4, w: 3, c: 4, o: 8, kernel: 2, stride: 2, pad: 0, outputPad: 0 }),
  conv2dTransposeCase({ n: 2, h: 2, w: 3, c: 3, o: 2, kernel: 2, stride: 3, pad: 0, outputPad: 2 }),
  conv2dTransposeCase({ n: 1, h: 3, w: 3, c: 2, o: 3, kernel: 3, stride: 1, pad: 1, outputPad: 0 }),
];

/** Patches of each of two images by their rank, and the inverse. */
const order = [3, 0, 4, 1, 2, 1, 4, 2, 0, 3];
const ranks = order.map((_, i) => {
  const first = i - (i % 5);
  return order.slice(first, first + 5).indexOf(i % 5);
});
const [images, patches] = [2, 5];
const permutations = [order, ranks].map((values) => {
  return { shape: [images, patches], dtype: 'u32', values, constant: true } as const;
});

function gatherCase(channels: number, leading: number, visible: number): Case {
  const tokens = leading + patches;
  return {
    name: `${visible} of ${patches} behind ${leading}, ${channels} channels`,
    inputs: [{ shape: [images, tokens, channels] }, ...permutations],
    attributes: { leading, visible },
    twin([x]) {
      const y: number[] = [];
      for (let image = 0; image < images; image++) {
        const kept = order.slice(image * patches, image * patches + visible).map((patch) => leading + patch);
        for (const token of [...Array(leading).keys(), ...kept])
          for (let c = 0; c < channels; c++) y.push(x![(image * tokens + token) * channels + c]!);
      }
      return [Float64Array.from(y)];
    },
  };
}

export const gatherTokensCases: readonly Case[] = [
  gatherCase(3, 1, 2),
  gatherCase(8, 0, 4),
  gatherCase(4, 2, 5),
];

function scatterCase(channels: number, leading: number, visible: number): Case {
  const kept = leading + visible;
  return {
    name: `${visible} of ${patches} behind ${leading}, ${channels} channels`,
    inputs: [
      { shape: [images, kept, channels] },
      ...permutations,
      { shape: [channels] },
      { shape: [leading + patches, channels] },
    ],
    attributes: { leading, visible },
    twin([x, , , token, positions]) {
      const y: number[] = [];
      for (let image = 0; image < images; image++)
        for (let at = 0; at < leading + patches; at++)
          for (let c = 0; c < channels; c++) {
            const place = at < leading ? at : leading + ranks[image * patches + at - leading]!;
            const own = place < kept ? x![(image * kept + place) * channels + c]! : token![c]!;
            y.push(own + positions![at * channels + c]!);
          }
      return [Float64Array.from(y)];
    },
  };
}

export const scatterTokensCases: readonly Case[] = [
  scatterCase(3, 1, 2),
  scatterCase(8, 0, 4),
  scatterCase(4, 2, 1),
];

function maskedErrorCase(columns: number, visible: number, absolute: boolean, leading = 0): Case {
  return {
    name: `${absolute ? 'absolute' : 'squared'}, ${visible} of ${patches} visible, rows of ${columns} behind ${leading}`,
    inputs: [
      { shape: [images, leading + patches, columns] },
      { shape: [images, patches, columns], constant: true },
      ...(visible > 0 ? [permutations[1]!] : []),
    ],
    attributes: { visible, absolute },
    twin([p, t]) {
      let sum = 0;
      t!.forEach((value, i) => {
        const row = Math.floor(i / columns);
        if (ranks[row]! < visible) return;
        const difference = p![i + (Math.floor(row / patches) + 1) * leading * columns]! - value;
        sum += absolute ? Math.abs(difference) : difference ** 2;
      });
      return [Float64Array.of(sum / (images * (patches - visible) * columns))];
    },
  };
}

export const maskedErrorCases: readonly Case[] = [
  maskedErrorCase(7, 2, false),
  maskedErrorCase(12, 4, true, 2),
  maskedErrorCase(3, 0, false, 1),
  maskedErrorCase(5, 0, true),
];
