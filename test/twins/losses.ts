import type { Case } from './case.ts';

export const rowsOf = (flat: Float64Array, width: number): Float64Array[] =>
  Array.from({ length: flat.length / width }, (_, r) => flat.subarray(r * width, (r + 1) * width));

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

export const normalized = (row: Float64Array): Float64Array => {
  const norm = Math.sqrt(dot(row, row));
  return row.map((value) => value / norm);
};

export const l2NormalizeCases: readonly Case[] = [
  {
    name: '9×17',
    inputs: [{ shape: [9, 17] }],
    attributes: null,
    twin: ([x]) => [Float64Array.from(rowsOf(x!, 17).flatMap((row) => [...normalized(row)]))],
  },
];

/** NT-Xent as the paper writes it: loss, contrastive top-1 and mean positive similarity. */
export function ntXentTwin(x: Float64Array, columns: number, temperature: number): [number, number, number] {
  const rows = rowsOf(x, columns).map(normalized);
  let loss = 0;
  let hits = 0;
  let similarity = 0;
  rows.forEach((row, i) => {
    const p = (i + rows.length / 2) % rows.length;
    const others = rows
      .map((other, j) => ({ j, s: dot(row, other) / temperature }))
      .filter(({ j }) => j !== i);
    const largest = Math.max(...others.map(({ s }) => s));
    const positive = others.find(({ j }) => j === p)!.s;
    loss += largest + Math.log(others.reduce((sum, { s }) => sum + Math.exp(s - largest), 0)) - positive;
    const nearest = others.filter(({ s }) => s === largest);
    hits += positive === largest ? 1 / nearest.length : 0;
    similarity += positive * temperature;
  });
  return [loss / rows.length, hits / rows.length, similarity / rows.length];
}

const ntXentCase = (rows: number, columns: number, temperature: number): Case => ({
  name: `2N = ${rows}, d = ${columns}, τ = ${temperature}`,
  inputs: [{ shape: [rows, columns] }],
  attributes: { temperature },
  metrics: [1],
  twin: ([x]) => {
    const [loss, hits, similarity] = ntXentTwin(x!, columns, temperature);
    return [Float64Array.of(loss), Float64Array.of(hits, similarity)];
  },
});

export const ntXentCases: readonly Case[] = [
  ntXentCase(2, 5, 0.5),
  ntXentCase(6, 7, 0.07),
  // More rows than a block: several blocks, the last ones ragged.
  ntXentCase(34, 3, 0.5),
  ntXentCase(18, 17, 0.1),
];

/**
 * SupCon as the paper writes L_out, over rows of which those labelled 0xffffffff are no anchors and no positives: loss,
 * share of anchors whose nearest row is a positive, mean positive similarity.
 */
export function supConTwin(
  x: Float64Array,
  labels: readonly number[],
  temperature: number,
): [number, number, number] {
  const rows = rowsOf(x, x.length / labels.length).map(normalized);
  const anchors = rows.flatMap((row, i) => {
    const others = rows
      .map((other, j) => ({ label: labels[j]!, j, s: dot(row, other) / temperature }))
      .filter(({ j }) => j !== i);
    const positives = others.filter(({ label }) => label === labels[i] && label !== 0xffffffff);
    if (positives.length === 0) return [];
    const largest = Math.max(...others.map(({ s }) => s));
    const lse = largest + Math.log(others.reduce((sum, { s }) => sum + Math.exp(s - largest), 0));
    return {
      loss: mean(positives.map(({ s }) => lse - s)),
      hit: positives.filter(({ s }) => s === largest).length / others.filter(({ s }) => s === largest).length,
      similarity: mean(positives.map(({ s }) => s * temperature)),
    };
  });
  return [
    mean(anchors.map(({ loss }) => loss)),
    mean(anchors.map(({ hit }) => hit)),
    mean(anchors.map(({ similarity }) => similarity)),
  ];
}

/** 0 of no values. */
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

const supConCase = (name: string, labels: readonly number[], columns: number, temperature: number): Case => ({
  name: `${name}: ${labels.length}×${columns}, τ = ${temperature}`,
  inputs: [
    { shape: [labels.length, columns] },
    { shape: [labels.length], dtype: 'u32', values: labels, constant: true },
  ],
  attributes: { temperature },
  metrics: [1],
  twin: ([x]) => {
    const [loss, hits, similarity] = supConTwin(x!, labels, temperature);
    return [Float64Array.of(loss), Float64Array.of(hits, similarity)];
  },
});

const none = 0xffffffff;
/** Three classes of unequal size, a label of one row alone, and unlabelled rows, mixed. */
const mixedLabels = (rows: number) =>
  Array.from({ length: rows }, (_, i) => (i % 5 === 2 ? none : i === 1 ? 77 : [0, 4, 4, 9, 0, 0, 9][i % 7]!));

export const supConCases: readonly Case[] = [
  supConCase('one class', [3, 3], 5, 0.5),
  supConCase('classes of three, two and one', [0, 0, 0, 1, 1, 2], 7, 0.07),
  supConCase('with unlabelled rows', [none, 5, none, 5, 5, 8, 8, none, 3], 4, 0.1),
  supConCase('one row alone', [0], 3, 0.5),
  supConCase('no positive', [none, 0, 1, none, 2], 3, 0.2),
  // More rows than a block: several blocks, the last ones ragged.
  supConCase('several blocks', mixedLabels(35), 3, 0.5),
  supConCase('several blocks', mixedLabels(67), 5, 0.07),
  supConCase('several blocks', mixedLabels(19), 17, 0.1),
];

function crossEntropyCase(
  rows: number,
  classes: number,
  labels: number[],
  temperature = 1,
  meanOver = 0,
): Case {
  return {
    name: `${rows}×${classes}, τ = ${temperature}${meanOver ? `, mean over ${meanOver}` : ''}`,
    inputs: [{ shape: [rows, classes] }, { shape: [rows], dtype: 'u32', values: labels, constant: true }],
    attributes: { temperature, meanOver },
    metrics: [1],
    twin: ([logits]) => {
      let loss = 0;
      let hits = 0;
      const known = labels.filter((label) => label < classes).length;
      rowsOf(logits!, classes).forEach((row, i) => {
        const label = labels[i]!;
        if (label >= classes) return;
        const s = [...row].map((value) => value / temperature);
        loss += Math.log(s.reduce((sum, value) => sum + Math.exp(value), 0)) - s[label]!;
        hits += s[label] === Math.max(...s) ? 1 : 0;
      });
      const mean = loss / (meanOver || Math.max(known, 1));
      return [Float64Array.of(mean), Float64Array.of(hits / Math.max(known, 1), known)];
    },
  };
}

export const crossEntropyCases: readonly Case[] = [
  crossEntropyCase(1, 2, [1]),
  crossEntropyCase(9, 5, [0, 4, 2, 2, 1, 3, 0, 4, 1]),
  crossEntropyCase(5, 3, [0, 0xffffffff, 2, 0xffffffff, 1]),
  crossEntropyCase(6, 6, [3, 4, 5, 0, 1, 2], 0.25),
  crossEntropyCase(7, 3, [0, 0xffffffff, 2, 0xffffffff, 1, 0xffffffff, 0xffffffff], 1, 5),
  crossEntropyCase(3, 4, [0xffffffff, 0xffffffff, 0xffffffff], 1, 3),
];
