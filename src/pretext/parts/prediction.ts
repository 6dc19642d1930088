import { type Curve, type EncoderFacts, featureCurves, lossCurve, neighboursLine } from '../method.ts';

// What methods share that predict one network's projection by another's.

/** How wide the predictor's hidden layer is. */
export const predictorSetting = (chosen: string, derive: (featureSize: number) => number) =>
  ({
    kind: { type: 'whole', min: 1 },
    unit: 'units',
    help: 'hidden units of the predictor',
    chosen,
    /** As `chosen` says. */
    derive: ({ featureSize }: EncoderFacts) => derive(featureSize),
  }) as const;

/** The share of itself that a momentum encoder keeps each step. */
export const targetMomentumSetting = {
  kind: { type: 'share', ends: true },
  help: 'that the momentum encoder keeps of its weights each step',
  default: 0.99,
} as const;

/** The curve of the accuracy of nearest neighbours alone. */
export const neighboursCurve: Curve = { title: 'Named rightly', unit: 'share', lines: [neighboursLine] };

/** What the figures of a prediction are to people. No chance: without negatives there is no such value. */
export const predictionFigures = {
  metrics: [
    {
      name: 'positiveSimilarity',
      label: 'similarity of prediction and target',
      meaning:
        'the mean cosine similarity of what is predicted from one view and the other view, 1 where it is right, or where all images have become one',
    },
  ],
  curves: [lossCurve, neighboursCurve, ...featureCurves],
} as const;
