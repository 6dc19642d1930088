import type { Case } from './case.ts';
import { dot, normalized, rowsOf } from './losses.ts';

/** NT-Xent without the positive in its denominators, as the paper writes it: loss, top-1, mean positive similarity. */
function dclTwin(x: Float64Array, columns: number, temperature: number): [number, number, number] {
  const rows = rowsOf(x, columns).map(normalized);
  const anchors = rows.map((row, i) => {
    const p = (i + rows.length / 2) % rows.length;
    const positive = dot(row, rows[p]!) / temperature;
    const others = rows.filter((_, j) => j !== i && j !== p).map((other) => dot(row, other) / temperature);
    const loss = Math.log(others.reduce((sum, s) => sum + Math.exp(s), 0)) - positive;
    return { loss, hit: Number(positive > Math.max(...others)), similarity: positive * temperature };
  });
  const mean = (of: (anchor: (typeof anchors)[number]) => number) =>
    anchors.reduce((sum, anchor) => sum + of(anchor), 0) / anchors.length;
  return [mean(({ loss }) => loss), mean(({ hit }) => hit), mean(({ similarity }) => similarity)];
}

const dclCase = (rows: number, columns: number, temperature: number): Case => ({
  name: `2N = ${rows}, d = ${columns}, τ = ${temperature}`,
  inputs: [{ shape: [rows, columns] }],
  attributes: { temperature },
  metrics: [1],
  twin: ([x]) => {
    const [loss, hits, similarity] = dclTwin(x!, columns, temperature);
    return [Float64Array.of(loss), Float64Array.of(hits, similarity)];
  },
});

export const dclCases: readonly Case[] = [
  dclCase(4, 5, 0.5),
  dclCase(6, 7, 0.07),
  // Several blocks, the last ones ragged.
  dclCase(34, 3, 0.5),
];

export const negativeCosineCases: readonly Case[] = (
  [
    [2, 5, 1, 0],
    [18, 7, 4, 4],
  ] as const
).map(([rows, columns, factor, offset]) => ({
  name: `2N = ${rows}, d = ${columns}, ${offset} − ${factor} · cosine`,
  inputs: [{ shape: [rows, columns] }, { shape: [rows, columns], constant: true }],
  attributes: { factor, offset },
  metrics: [1],
  twin: ([p, t]) => {
    const targets = rowsOf(t!, columns).map(normalized);
    const cosines = rowsOf(p!, columns).map((row, i) =>
      dot(normalized(row), targets[(i + rows / 2) % rows]!),
    );
    const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / rows;
    return [Float64Array.of(offset - factor * mean), Float64Array.of(mean)];
  },
}));

/** Variance and covariance of one view by the paper's formulas, with N − 1. */
function regularisation(rows: readonly Float64Array[], deviation: number) {
  const [n, d] = [rows.length, rows[0]!.length];
  const columns = Array.from({ length: d }, (_, j) => {
    const mean = rows.reduce((sum, row) => sum + row[j]!, 0) / n;
    return rows.map((row) => row[j]! - mean);
  });
  const sigmas = columns.map((column) => Math.sqrt(dot(column, column) / (n - 1) + 1e-4));
  const covariance = columns
    .flatMap((a, i) => columns.map((b, j) => (i === j ? 0 : (dot(a, b) / (n - 1)) ** 2)))
    .reduce((sum, square) => sum + square, 0);
  const lack = sigmas.reduce((sum, sigma) => sum + Math.max(0, deviation - sigma), 0) / d;
  return { covariance: covariance / d, lack, sigma: sigmas.reduce((sum, sigma) => sum + sigma, 0) / d };
}

const vicregCase = (images: number, columns: number, deviation: number): Case => {
  const attributes = { invariance: 25, variance: 25, covariance: 1, deviation };
  return {
    name: `N = ${images}, d = ${columns}, γ = ${deviation}`,
    inputs: [{ shape: [2 * images, columns] }],
    attributes,
    metrics: [1],
    twin: ([x]) => {
      const rows = rowsOf(x!, columns);
      const views = [rows.slice(0, images), rows.slice(images)] as const;
      const difference = views[0].flatMap((row, i) => [
        ...row.map((value, k) => (value - views[1][i]![k]!) ** 2),
      ]);
      const invariance = difference.reduce((sum, square) => sum + square, 0) / (images * columns);
      const [a, b] = views.map((view) => regularisation(view, deviation)) as [
        ReturnType<typeof regularisation>,
        ReturnType<typeof regularisation>,
      ];
      const loss = 25 * invariance + (25 * (a.lack + b.lack)) / 2 + a.covariance + b.covariance;
      return [
        Float64Array.of(loss),
        Float64Array.of(invariance, (a.sigma + b.sigma) / 2, (a.covariance + b.covariance) / 2),
      ];
    },
  };
};

export const vicregCases: readonly Case[] = [
  vicregCase(2, 3, 1),
  vicregCase(9, 8, 1),
  // Deviations above γ ask for nothing.
  vicregCase(17, 5, 0.4),
];

const barlowCase = (images: number, columns: number, redundancy: number): Case => ({
  name: `N = ${images}, d = ${columns}, λ = ${redundancy}`,
  inputs: [{ shape: [2 * images, columns] }],
  attributes: { redundancy },
  metrics: [1],
  twin: ([x]) => {
    const rows = rowsOf(x!, columns);
    const [a, b] = [rows.slice(0, images), rows.slice(images)].map((view) =>
      Array.from({ length: columns }, (_, j) => {
        const mean = view.reduce((sum, row) => sum + row[j]!, 0) / images;
        const variance = view.reduce((sum, row) => sum + (row[j]! - mean) ** 2, 0) / images;
        return view.map((row) => (row[j]! - mean) / Math.sqrt(variance + 1e-5));
      }),
    ) as [number[][], number[][]];
    const sums = { own: 0, lack: 0, others: 0 };
    a.forEach((first, i) => {
      b.forEach((second, j) => {
        const c = first.reduce((sum, value, n) => sum + value * second[n]!, 0) / images;
        if (i !== j) sums.others += c ** 2;
        else {
          sums.own += c;
          sums.lack += (1 - c) ** 2;
        }
      });
    });
    const loss = (sums.lack + redundancy * sums.others) / columns;
    return [Float64Array.of(loss), Float64Array.of(sums.own / columns, sums.others / columns)];
  },
});

export const barlowCases: readonly Case[] = [
  // The same shapes as VICReg's, whose products are then compiled once.
  barlowCase(9, 8, 0.0051),
  barlowCase(17, 5, 0.7),
];

const unit = (count: number, columns: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) =>
    normalized(Float64Array.from({ length: columns }, (_, k) => Math.sin(7.3 * i + 3.1 * k + seed))),
  ).flatMap((row) => [...row]);

function memoryCase(
  [queries, rows, columns]: readonly [number, number, number],
  temperature: number,
  negativeTerms: boolean,
  told?: { readonly own: readonly number[]; readonly images: readonly number[] },
): Case {
  const told4 = told
    ? [
        { shape: [queries], dtype: 'u32' as const, values: told.own, constant: true },
        { shape: [rows], dtype: 'u32' as const, values: told.images, constant: true },
      ]
    : [];
  return {
    name: `${queries} of d = ${columns}, memory ${rows}, τ = ${temperature}${negativeTerms ? ', PIRL' : ''}${told ? ', images told' : ''}`,
    inputs: [
      { shape: [queries, columns] },
      { shape: [queries, columns], values: unit(queries, columns, 1), constant: true },
      { shape: [rows, columns], values: unit(rows, columns, 2), constant: true },
      ...told4,
    ],
    attributes: { temperature, negativeTerms },
    metrics: [1],
    twin: ([q, p, m]) => {
      const [positives, memory] = [rowsOf(p!, columns), rowsOf(m!, columns)];
      const sums = [0, 0, 0];
      rowsOf(q!, columns).forEach((query, i) => {
        const positive = dot(query, positives[i]!) / temperature;
        const others = memory
          .filter((_, k) => told?.own[i] !== told?.images[k] || !told)
          .map((row) => dot(query, row) / temperature);
        const total = others.reduce((sum, s) => sum + Math.exp(s), 0);
        sums[0]! -= Math.log(Math.exp(positive) / (Math.exp(positive) + total));
        // −log(1 − h) with h = e^s/(e^s + S)
        if (negativeTerms)
          for (const s of others) sums[0]! -= Math.log(1 - Math.exp(s) / (Math.exp(s) + total));
        sums[1]! += Number(positive > Math.max(...others));
        sums[2]! += positive * temperature;
      });
      const [loss, hits, cosine] = sums.map((sum) => sum / queries) as [number, number, number];
      return [Float64Array.of(loss), Float64Array.of(hits, cosine)];
    },
  };
}

export const memoryContrastCases: readonly Case[] = [
  memoryCase([3, 5, 4], 0.5, false),
  memoryCase([9, 17, 7], 0.07, false),
  memoryCase([9, 17, 7], 0.2, true),
  memoryCase([4, 6, 3], 0.3, true, { own: [7, 2, 9, 4], images: [2, 2, 8, 7, 1, 0] }),
];

const swappedCase = (images: number, prototypes: number, temperature: number): Case => ({
  name: `N = ${images}, K = ${prototypes}, τ = ${temperature}`,
  inputs: [
    { shape: [2 * images, prototypes] },
    { shape: [2 * images, prototypes], values: shares(2 * images, prototypes), constant: true },
  ],
  attributes: { temperature },
  metrics: [1],
  twin: ([s, q]) => {
    const [scores, codes] = [rowsOf(s!, prototypes), rowsOf(q!, prototypes)];
    const largest = (row: Float64Array) => row.indexOf(Math.max(...row));
    const sums = [0, 0, 0];
    scores.forEach((row, i) => {
      const code = codes[(i + images) % (2 * images)]!;
      const total = row.reduce((sum, score) => sum + Math.exp(score / temperature), 0);
      row.forEach((score, k) => {
        sums[0]! -= code[k]! * Math.log(Math.exp(score / temperature) / total);
        sums[2]! -= codes[i]![k]! && codes[i]![k]! * Math.log(codes[i]![k]!);
      });
      sums[1]! += Number(largest(row) === largest(code));
    });
    const [loss, hits, entropy] = sums.map((sum) => sum / (2 * images)) as [number, number, number];
    return [Float64Array.of(loss), Float64Array.of(hits, entropy)];
  },
});

/** Rows of sum 1, as far as f32 has them, with a zero in each. */
const shares = (count: number, columns: number): number[] =>
  Array.from({ length: count }, (_, i) => {
    const row = Array.from({ length: columns }, (_, k) =>
      i % columns === k ? 0 : 2 + Math.sin(5 * i + 2.3 * k),
    );
    const total = row.reduce((sum, value) => sum + value, 0);
    return row.map((value) => Math.fround(value / total));
  }).flat();

export const swappedPredictionCases: readonly Case[] = [swappedCase(2, 3, 1), swappedCase(9, 17, 0.1)];

export const frozenForCases: readonly Case[] = [0, 5].map((steps) => ({
  name: `3×5 of step 5, frozen for ${steps}`,
  inputs: [{ shape: [3, 5] }, { shape: [2], dtype: 'u32', values: [9, 5], constant: true }],
  attributes: { steps },
  twin: ([x]) => [x!],
}));

export const sideBySideCases: readonly Case[] = [
  { name: '6×3 by two', inputs: [{ shape: [6, 3] }], attributes: { count: 2 }, twin: ([x]) => [x!] },
];
