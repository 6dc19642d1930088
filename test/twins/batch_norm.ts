import type { Case } from './case.ts';

interface Options {
  rows: number;
  channels: number;
  training: boolean;
  relu: boolean;
  residual: boolean;
}

const epsilon = 1e-5;

export function batchNormCase({ rows, channels, training, relu, residual }: Options): Case {
  const twin = ([x, gamma, beta, runningMean, runningVariance, added]: readonly Float64Array[]) => {
    const y = new Float64Array(rows * channels);
    for (let c = 0; c < channels; c++) {
      const column = Array.from({ length: rows }, (_, r) => x![r * channels + c]!);
      const batchMean = column.reduce((a, b) => a + b, 0) / rows;
      const batchVariance = column.reduce((a, b) => a + (b - batchMean) ** 2, 0) / rows;
      const mean = training ? batchMean : runningMean![c]!;
      const variance = training ? batchVariance : runningVariance![c]!;
      for (let r = 0; r < rows; r++) {
        const i = r * channels + c;
        const value =
          (gamma![c]! * (x![i]! - mean)) / Math.sqrt(variance + epsilon) +
          beta![c]! +
          (added ? added[i]! : 0);
        y[i] = relu ? Math.max(value, 0) : value;
      }
    }
    return [y];
  };
  const vector = { shape: [channels] };
  const running = [
    { ...vector, constant: true },
    { ...vector, constant: true, values: Array.from({ length: channels }, (_, c) => 0.5 + 0.1 * c) },
  ];
  const inputs = [{ shape: [rows, channels] }, vector, vector, ...running];
  return {
    name: `${rows}×${channels}${training ? '' : ' evaluation'}${relu ? ' relu' : ''}${residual ? ' residual' : ''}`,
    inputs: residual ? [...inputs, { shape: [rows, channels] }] : inputs,
    attributes: { training, relu, epsilon, momentum: 0.1 },
    twin,
  };
}

export const batchNormCases: readonly Case[] = [
  batchNormCase({ rows: 3, channels: 1, training: true, relu: false, residual: false }),
  batchNormCase({ rows: 17, channels: 5, training: true, relu: true, residual: false }),
  batchNormCase({ rows: 33, channels: 3, training: true, relu: true, residual: true }),
  batchNormCase({ rows: 16, channels: 3, training: true, relu: false, residual: true }),
  batchNormCase({ rows: 9, channels: 65, training: false, relu: true, residual: false }),
  batchNormCase({ rows: 5, channels: 2, training: false, relu: false, residual: true }),
  // Whole fours of channels: several blocks of rows, of which the last fills few lanes; lanes that fill no line; more
  // channels than lanes.
  batchNormCase({ rows: 131, channels: 4, training: true, relu: true, residual: false }),
  batchNormCase({ rows: 17, channels: 20, training: true, relu: true, residual: true }),
  batchNormCase({ rows: 18, channels: 36, training: false, relu: true, residual: true }),
];
