import { pcg4d } from './augment.ts';
import { type Case, size } from './case.ts';

function patchesCase(images: number, height: number, width: number, pitch: number, patch: number): Case {
  const channels = 3;
  return {
    name: `${images}×${height}×${width}×${pitch} by ${patch}`,
    inputs: [{ shape: [images, height, width, pitch] }],
    attributes: { patch, channels },
    twin([x]) {
      const rows: number[] = [];
      for (let image = 0; image < images; image++)
        for (let top = 0; top < height; top += patch)
          for (let left = 0; left < width; left += patch)
            for (let r = 0; r < patch; r++)
              for (let s = 0; s < patch; s++)
                for (let c = 0; c < channels; c++)
                  rows.push(x![((image * height + top + r) * width + left + s) * pitch + c]!);
      return [Float64Array.from(rows)];
    },
  };
}

export const patchesCases: readonly Case[] = [
  patchesCase(2, 6, 9, 3, 3),
  // Pixels with a fourth channel, which has no part in the rows.
  patchesCase(1, 10, 5, 4, 5),
];

function embedTokensCase(sizes: {
  images: number;
  count: number;
  channels: number;
  registers: number;
  placed: number;
}): Case {
  const { images, count, channels, registers, placed } = sizes;
  const leading = 1 + registers;
  const shapes = [
    [images, count, channels],
    [placed + count, channels],
    [1, channels],
    ...(registers > 0 ? [[registers, channels]] : []),
  ];
  return {
    name: `${images} images of ${count} patches, ${registers} registers, ${placed} of the tokens before them placed`,
    inputs: shapes.map((shape) => ({ shape })),
    attributes: null,
    twin([patches, positions, classToken, registerTokens]) {
      const y: number[] = [];
      for (let image = 0; image < images; image++)
        for (let token = 0; token < leading + count; token++)
          for (let c = 0; c < channels; c++) {
            const patch = token - leading;
            const own =
              token === 0
                ? classToken![c]!
                : token < leading
                  ? registerTokens![(token - 1) * channels + c]!
                  : patches![(image * count + patch) * channels + c]!;
            const place = token < placed ? token : token >= leading ? placed + patch : undefined;
            y.push(own + (place === undefined ? 0 : positions![place * channels + c]!));
          }
      return [Float64Array.from(y)];
    },
  };
}

export const embedTokensCases: readonly Case[] = [
  embedTokensCase({ images: 3, count: 5, channels: 3, registers: 0, placed: 1 }),
  embedTokensCase({ images: 2, count: 4, channels: 8, registers: 2, placed: 1 }),
  embedTokensCase({ images: 1, count: 6, channels: 4, registers: 2, placed: 3 }),
  embedTokensCase({ images: 2, count: 1, channels: 4, registers: 1, placed: 0 }),
];

function layerScaleCase(rows: number, channels: number): Case {
  return {
    name: `${rows}×${channels}`,
    inputs: [{ shape: [rows, channels] }, { shape: [rows, channels] }, { shape: [channels] }],
    attributes: null,
    twin: ([x, branch, gamma]) => [x!.map((value, i) => value + gamma![i % channels]! * branch![i]!)],
  };
}

export const layerScaleCases: readonly Case[] = [layerScaleCase(37, 5), layerScaleCase(19, 68)];

function tokenPoolCase(channels: number, leading: number, classToken: boolean, mean: boolean): Case {
  const [images, tokens] = [3, 9];
  return {
    name: `${channels} channels, ${leading} before the patches${classToken ? ', class token' : ''}${mean ? ', mean' : ''}`,
    inputs: [{ shape: [images, tokens, channels] }],
    attributes: { leading, classToken, mean },
    twin([x]) {
      const y: number[] = [];
      for (let image = 0; image < images; image++) {
        const at = (token: number, c: number) => x![(image * tokens + token) * channels + c]!;
        const places = Array.from({ length: channels }, (_, c) => c);
        if (classToken) y.push(...places.map((c) => at(0, c)));
        if (!mean) continue;
        for (const c of places) {
          let sum = 0;
          for (let token = leading; token < tokens; token++) sum += at(token, c);
          y.push(sum / (tokens - leading));
        }
      }
      return [Float64Array.from(y)];
    },
  };
}

export const tokenPoolCases: readonly Case[] = [
  tokenPoolCase(5, 1, true, false),
  tokenPoolCase(8, 3, false, true),
  tokenPoolCase(4, 2, true, true),
];

/** Uniform in [0, 1), of an image in a branch: the key's last number is beyond those that views draw by. */
const chance = (seed: number, step: number, image: number, branch: number) =>
  (pcg4d([seed, step, image, 0x80000000 + branch])[0]! >>> 8) / 2 ** 24;

function dropPathCase(shape: readonly number[], rate: number): Case {
  const [seed, step, branch] = [5, 3, 7];
  const images = shape[0]!;
  const one = size(shape) / images;
  return {
    name: `${shape.join('×')} at ${rate}`,
    inputs: [{ shape }, { shape: [2], dtype: 'u32', values: [seed, step], constant: true }],
    attributes: { rate, branch },
    twin: ([x]) => [
      x!.map((value, i) => (chance(seed, step, Math.floor(i / one), branch) < rate ? 0 : value / (1 - rate))),
    ],
  };
}

export const dropPathCases: readonly Case[] = [dropPathCase([9, 3, 4], 0.5), dropPathCase([7, 3], 0.3)];
