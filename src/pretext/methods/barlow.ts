import { barlowTwins } from '../../ops/pretext/barlow.ts';
import { allImages } from '../batches.ts';
import { featureCurves, lossCurve, pretextMethod } from '../method.ts';
import { neighboursCurve } from '../parts/prediction.ts';
import { twoViewModel } from '../two_views.ts';

/**
 * Barlow Twins: the matrix C of correlations between the numbers of one view and those of the other is to be the
 * identity (eq. 1):
 *   L = 1/D Σᵢ (1 − Cᵢᵢ)² + λ/D Σᵢ Σ_{j≠i} Cᵢⱼ²
 * The paper's sum is divided by D here, so that a learning rate suits projections of any width; LARS, which the paper
 * has, does not see such a factor.
 */
export const barlow = pretextMethod({
  name: 'barlow',
  title: 'Barlow Twins',
  reference: 'Zbontar et al. 2021, arXiv 2103.03230',
  summary: 'two views whose numbers agree, each of them with itself alone',
  learning:
    'making each number agree between two altered views of an image, and different numbers say different things',
  learnsFromLabels: false,
  settings: {
    projection: {
      kind: { type: 'widths' },
      unit: 'widths',
      help: 'of the projection head, say 512-128',
      chosen: 'four times the feature size, three times',
      /** As the paper has it: 8192 of 2048. */
      derive: ({ featureSize }) => [4 * featureSize, 4 * featureSize, 4 * featureSize],
    },
    redundancy: {
      kind: { type: 'real', min: 0 },
      unit: 'x',
      help: 'weight of the squared correlations of different columns',
      default: 0.0051,
    },
  },
  batches: allImages,
  declare: (context, settings) =>
    twoViewModel(context, settings, (projections) =>
      barlowTwins(projections, { redundancy: settings.redundancy }),
    ),
  metrics: [
    {
      name: 'viewCorrelation',
      term: 'correlation',
      label: 'correlation of the two views',
      meaning:
        'how far a number of one view tells the same number of the other, over the images of a batch: 1 where it does, 0 where it knows nothing',
    },
    {
      name: 'redundancy',
      label: 'redundancy of the projections',
      meaning:
        'the squared correlations of different columns, summed and divided by their number: 0 where all say different things',
    },
  ],
  curves: [
    lossCurve,
    neighboursCurve,
    {
      title: 'What the loss is made of',
      lines: [
        { of: 'viewCorrelation', name: 'correlation of views' },
        { of: 'redundancy', name: 'redundancy' },
      ],
    },
    ...featureCurves,
  ],
});
