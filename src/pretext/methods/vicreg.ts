import { vicreg as vicregLoss } from '../../ops/pretext/vicreg.ts';
import { allImages } from '../batches.ts';
import { featureCurves, lossCurve, pretextMethod } from '../method.ts';
import { neighboursCurve } from '../parts/prediction.ts';
import { twoViewModel } from '../two_views.ts';

const weight = (help: string, value: number) =>
  ({ kind: { type: 'real', min: 0 }, unit: 'x', help, default: value }) as const;

/**
 * VICReg: λ·invariance + μ·variance + ν·covariance of the two views' expansions (eq. 1–6), with γ = 1 (see
 * `ops/pretext/vicreg.ts`). Paper and program differ: the program takes the invariance as a mean over columns as well as
 * images, and halves the variance of each view. Its figures, and the weights 25, 25 and 1, are the program's, as here.
 */
export const vicreg = pretextMethod({
  name: 'vicreg',
  title: 'VICReg',
  reference: 'Bardes et al. 2022, arXiv 2105.04906',
  summary: 'two views alike, and columns that vary and say different things',
  learning:
    'bringing two altered views of an image together while its numbers keep varying and say different things',
  learnsFromLabels: false,
  settings: {
    projection: {
      kind: { type: 'widths' },
      unit: 'widths',
      help: 'of the projection head, say 512-128',
      chosen: 'four times the feature size, three times',
      /** An expander, as the paper has it: 8192 of 2048. */
      derive: ({ featureSize }) => [4 * featureSize, 4 * featureSize, 4 * featureSize],
    },
    invariance: weight('of the squared difference of the two views', 25),
    variance: weight('of what a column lacks to a standard deviation of 1', 25),
    covariance: weight('of the squared covariances of columns', 1),
  },
  batches: allImages,
  declare: (context, settings) => {
    const { invariance, variance, covariance } = settings;
    return twoViewModel(context, settings, (projections) =>
      vicregLoss(projections, { invariance, variance, covariance }),
    );
  },
  metrics: [
    {
      name: 'viewDifference',
      label: 'squared difference of the two views',
      meaning: 'the mean squared difference of the two views of an image, number by number',
    },
    {
      name: 'projectionStd',
      label: 'standard deviation of the projections',
      meaning:
        'the mean standard deviation of a column over the images of a batch: held near 1, and near 0 after a collapse',
    },
    {
      name: 'projectionCovariance',
      label: 'covariance of the projections',
      meaning:
        'the squared covariances of different columns, summed and divided by their number: 0 where all say different things',
    },
  ],
  curves: [
    lossCurve,
    neighboursCurve,
    {
      title: 'What the loss is made of',
      lines: [
        { of: 'viewDifference', name: 'difference of views' },
        { of: 'projectionStd', name: 'standard deviation' },
        { of: 'projectionCovariance', name: 'covariance' },
      ],
    },
    ...featureCurves,
  ],
});
