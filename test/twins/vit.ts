import type { Case } from './case.ts';

/** erf by its Taylor series; above 2, where its terms cancel, 1 − erfc by the continued fraction of erfc. */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x > 2) {
    let fraction = 0;
    for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction);
    return 1 - Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
  }
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const gelu = (x: number) => (x / 2) * (1 + erf(x / Math.SQRT2));

export const geluCases: readonly Case[] = [
  {
    name: '67',
    inputs: [{ shape: [67] }],
    attributes: null,
    twin: ([x]) => [x!.map(gelu)],
  },
  {
    name: 'from −5.9 to 5.9',
    inputs: [{ shape: [3, 20], values: Array.from({ length: 60 }, (_, i) => -5.9 + 0.2 * i) }],
    attributes: null,
    twin: ([x]) => [x!.map(gelu)],
  },
];

const epsilon = 1e-6;

function layerNormCase(rows: number, channels: number): Case {
  return {
    name: `${rows}×${channels}`,
    inputs: [{ shape: [rows, channels] }, { shape: [channels] }, { shape: [channels] }],
    attributes: { epsilon },
    twin([x, gamma, beta]) {
      const y = new Float64Array(rows * channels);
      for (let row = 0; row < rows; row++) {
        const own = x!.subarray(row * channels, (row + 1) * channels);
        const mean = own.reduce((a, b) => a + b, 0) / channels;
        const variance = own.reduce((a, b) => a + (b - mean) ** 2, 0) / channels;
        own.forEach((value, c) => {
          y[row * channels + c] = (gamma![c]! * (value - mean)) / Math.sqrt(variance + epsilon) + beta![c]!;
        });
      }
      return [y];
    },
  };
}

export const layerNormCases: readonly Case[] = [
  layerNormCase(3, 5),
  // Whole fours, more than a workgroup's lanes take at once; rows of several workgroups.
  layerNormCase(19, 36),
  layerNormCase(2, 70),
];

function attentionCase(
  images: number,
  tokens: number,
  heads: number,
  size: number,
  special?: { readonly name: string; readonly value: (token: number, channel: number) => number },
): Case {
  const channels = heads * size;
  const shape = [images, tokens, 3 * channels];
  const values = () =>
    Array.from({ length: images * tokens * 3 * channels }, (_, i) =>
      special!.value(Math.floor(i / (3 * channels)) % tokens, i % (3 * channels)),
    );
  return {
    name: `${images}×${tokens}, ${heads} heads of ${size}${special ? `: ${special.name}` : ''}`,
    inputs: [special ? { shape, values: values() } : { shape }],
    attributes: { heads },
    // Plain loops: the gradient check calls it twice for each number of qkv.
    twin([qkv]) {
      const y = new Float64Array(images * tokens * channels);
      const rowOf = (image: number, token: number, part: number, head: number) =>
        ((image * tokens + token) * 3 + part) * channels + head * size;
      const weights = new Float64Array(tokens);
      for (let image = 0; image < images; image++) {
        for (let head = 0; head < heads; head++) {
          for (let query = 0; query < tokens; query++) {
            const q = rowOf(image, query, 0, head);
            for (let key = 0; key < tokens; key++) {
              const k = rowOf(image, key, 1, head);
              let score = 0;
              for (let d = 0; d < size; d++) score += qkv![q + d]! * qkv![k + d]!;
              weights[key] = score / Math.sqrt(size);
            }
            const top = Math.max(...weights);
            let total = 0;
            for (let key = 0; key < tokens; key++) {
              weights[key] = Math.exp(weights[key]! - top);
              total += weights[key]!;
            }
            const to = (image * tokens + query) * channels + head * size;
            for (let key = 0; key < tokens; key++) {
              const v = rowOf(image, key, 2, head);
              for (let d = 0; d < size; d++) y[to + d]! += (weights[key]! / total) * qkv![v + d]!;
            }
          }
        }
      }
      return [y];
    },
  };
}

export const attentionCases: readonly Case[] = [
  attentionCase(2, 1, 1, 8),
  // Tokens that fill no block of keys and no workgroup of queries.
  attentionCase(2, 19, 2, 8),
  // Heads whose rows are dealt out to the lanes of a subgroup.
  attentionCase(1, 37, 2, 32),
  // Powers of which a driver's exponential would overflow, and others that it would call 0 or not, by its own taste. Scores
  // are whole numbers before they are scaled, so that f32 has no part in which of them tie.
  attentionCase(2, 19, 2, 8, {
    name: 'logits of 0 and 318',
    value: (token, channel) =>
      channel < 32 ? (channel % 8 === token % 8 ? 30 : 0) : Math.sin(token + 3 * channel),
  }),
  attentionCase(1, 33, 1, 32, { name: 'all rows alike', value: (_, channel) => Math.cos(channel) }),
];
