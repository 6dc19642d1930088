import { percent } from '../app/percent.ts';
import { panelsOf } from '../label/compare/panels.ts';
import type { CurvePoint, EncoderComparison } from '../label/compare/result.ts';
import { budgetWords, cautionOf, intervalWords, pointName, referenceTitle } from '../label/compare/words.ts';
import { points as inPoints } from '../label/report/format.ts';
import { alignedTable } from './table.ts';

/** The lines that tell how encoders compare: a table of accuracies and one of differences for each way to learn from labels. */
export function* comparisonLines(comparison: EncoderComparison): Generator<string> {
  const { heldOut, encoders } = comparison;
  const reference = referenceTitle(comparison);
  yield `each encoder: ${budgetWords(comparison)}; scored on ${heldOut.images} held-out images (${heldOut.from})`;
  for (const { title, curves, points } of panelsOf(comparison)) {
    const rows = (write: (point: CurvePoint) => string) =>
      curves.map((curve) => [
        curve.title,
        ...points.map((perClass) => {
          const point = curve.points.find((each) => each.perClass === perClass);
          return point ? write(point) : '–';
        }),
      ]);
    const heads = points.map((perClass) => pointName({ perClass }));
    yield '';
    yield* alignedTable([[`${title}, labels a class`, ...heads], ...rows(accuracyText)]);
    if (reference === undefined || curves.every((curve) => curve.points.every((point) => !point.difference)))
      continue;
    yield `difference to ${reference}, in points`;
    yield* alignedTable([
      ['', ...heads],
      ...rows(differenceText).filter(([, ...cells]) => cells.some((cell) => cell !== '–')),
    ]);
  }
  yield '';
  yield intervalWords(comparison);
  for (const encoder of encoders) {
    const caution = cautionOf(encoder);
    if (caution !== undefined) yield caution;
  }
}

function accuracyText({ accuracy: { mean, interval } }: CurvePoint): string {
  return `${percent(mean)} (${interval.map((end) => (100 * end).toFixed(1)).join(' – ')})`;
}

function differenceText({ difference }: CurvePoint): string {
  if (!difference) return '–';
  return `${inPoints(difference.mean)} (${difference.interval.map(inPoints).join(' – ')})`;
}
