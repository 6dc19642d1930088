import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { enoughText, nextStep } from '../../../src/app/desk/enough.ts';
import { riskCoverage } from '../../../src/label/confidence/risk_coverage.ts';

/** Predictions that are right from the surest to a share of them, and of which every third is wrong behind it. */
const checked = (count: number, right: number) => ({
  confidence: Array.from({ length: count }, (_, at) => 1 - at / (2 * count)),
  correct: Array.from({ length: count }, (_, at) => at < right * count || at % 3 !== 0),
});
const rest = Array.from({ length: 200 }, (_, at) => 1 - at / 400);
const counts = { given: 0, auto: 0, review: 200, outlier: 0, duplicate: 0 };

test('without errors the next step is the number of checks at which the bound of none meets the target', () => {
  const { points } = riskCoverage(checked(20, 1), rest, { target: 0.05 });
  const step = nextStep(points, 0.05, 1)!;
  // 0.95^59 < 0.05 < 0.95^58; the rule looks at several thresholds, and asks for some more.
  assert.ok(step.checks >= 39 && step.checks <= 60, `${step.checks}`);
  const kept = riskCoverage(checked(20 + step.checks, 1), rest, { target: 0.05 });
  assert.ok(kept.chosen);
  const fewer = riskCoverage(checked(55, 1), rest, { target: 0.05 });
  assert.is(fewer.chosen, null);
});

test('with the errors that were made so far the rule promises after about as many checks as were named', () => {
  const promised = (count: number) => riskCoverage(checked(count, 0.7), rest, { target: 0.05 }).chosen;
  assert.is(promised(60), null);
  const step = nextStep(riskCoverage(checked(60, 0.7), rest, { target: 0.05 }).points, 0.05, 20)!;
  const all = 60 + step.checks;
  assert.ok(step.auto >= 20);
  // A table has about fifty of the thresholds, and shares of whole checks are rounded: a tenth is left open.
  assert.ok(promised(Math.ceil(1.1 * all))!.auto >= 20, `${step.checks}`);
  assert.is(promised(Math.floor(0.9 * all)), null, `${step.checks}`);
});

test('where as many are wrong as may be, no number of labels is named', () => {
  const { points } = riskCoverage(checked(100, 0), rest, { target: 0.05 });
  assert.is(nextStep(points, 0.05, 1), undefined);
});

test('the sentence says how many, or why that cannot be told', () => {
  const of = (predictions: ReturnType<typeof checked>, target = 0.05) =>
    enoughText({ riskCoverage: riskCoverage(predictions, rest, { target }), counts });
  assert.match(of(checked(20, 1)), /^some \d+ more labels of images drawn at random would make \d+ labels/);
  assert.match(of(checked(100, 0)), /^how many more labels would keep 5% cannot be told: 34.0% of the pred/);
  assert.match(enoughText({ riskCoverage: null, counts }), /cannot be told yet/);
  const kept = riskCoverage(checked(400, 1), rest, { target: 0.05 });
  assert.match(
    enoughText({ riskCoverage: kept, counts: { ...counts, auto: 200, review: 0 } }),
    /^enough: all open images keep the target of 5%$/,
  );
  const { chosen, ...withheld } = kept;
  assert.match(
    enoughText({
      riskCoverage: { ...withheld, chosen: null, withheld: chosen! },
      counts,
      limitedClasses: ['owl'],
    }),
    /^more labels of the same kind would not help, since owl has too few labels/,
  );
});

test.run();
