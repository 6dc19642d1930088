import type { Case } from './case.ts';

const map2 = (f: (a: number, b: number) => number) => (inputs: readonly Float64Array[]) => [
  inputs[0]!.map((a, i) => f(a, inputs[1]![i]!)),
];
const map1 = (f: (a: number) => number) => (inputs: readonly Float64Array[]) => [inputs[0]!.map(f)];

export const elementwiseCases = {
  add: [
    {
      name: '3×67',
      inputs: [{ shape: [3, 67] }, { shape: [3, 67] }],
      attributes: null,
      twin: map2((a, b) => a + b),
    },
  ],
  relu: [{ name: '65', inputs: [{ shape: [65] }], attributes: null, twin: map1((a) => Math.max(a, 0)) }],
  scale: [
    {
      name: '65 by −1.75',
      inputs: [{ shape: [65] }],
      attributes: { factor: -1.75 },
      twin: map1((a) => -1.75 * a),
    },
  ],
} satisfies Record<string, readonly Case[]>;

function matmulCase(
  m: number,
  n: number,
  k: number,
  transposeA: boolean,
  transposeB: boolean,
  bias = false,
): Case {
  const twin = ([a, b, c]: readonly Float64Array[]) => {
    const out = new Float64Array(m * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = c ? c[j]! : 0;
        for (let l = 0; l < k; l++)
          sum += a![transposeA ? l * m + i : i * k + l]! * b![transposeB ? j * k + l : l * n + j]!;
        out[i * n + j] = sum;
      }
    }
    return [out];
  };
  const inputs = [{ shape: transposeA ? [k, m] : [m, k] }, { shape: transposeB ? [n, k] : [k, n] }];
  const name = `${m}×${n}×${k}${transposeA ? ' Aᵀ' : ''}${transposeB ? ' Bᵀ' : ''}${bias ? ' bias' : ''}`;
  return {
    name,
    inputs: bias ? [...inputs, { shape: [n] }] : inputs,
    attributes: { transposeA, transposeB },
    twin,
  };
}

export const matmulCases: readonly Case[] = [
  matmulCase(1, 1, 1, false, false),
  matmulCase(17, 9, 5, false, false, true),
  matmulCase(65, 7, 3, true, false),
  matmulCase(9, 17, 6, false, true, true),
  matmulCase(7, 9, 4, true, true),
  // K long enough to be split into slices whose partial products are summed.
  matmulCase(3, 2, 300, false, false),
  // Rows of whole vec4f, which adapters with subgroups multiply by blocks of 16 or 32: a number less, and a few more.
  matmulCase(33, 36, 8, false, false, true),
  matmulCase(28, 4, 12, true, false),
  matmulCase(1, 32, 4, false, true),
  matmulCase(36, 12, 4, true, true),
  matmulCase(17, 4, 300, false, false),
  rowsAlong([3, 5], matmulCase(15, 9, 8, false, false, true)),
];

/** The same product where the rows of A lie along several axes. */
function rowsAlong(outer: readonly number[], sample: Case): Case {
  const [a, ...others] = sample.inputs;
  const name = `${sample.name}, rows along ${outer.join('×')}`;
  return { ...sample, name, inputs: [{ ...a!, shape: [...outer, a!.shape.at(-1)!] }, ...others] };
}
