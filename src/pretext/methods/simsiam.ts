import { projectionHead } from '../../nn/projection_head.ts';
import { negativeCosine } from '../../ops/pretext/negative_cosine.ts';
import { allImages } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { predictionFigures, predictorSetting } from '../parts/prediction.ts';
import { bothViews } from '../two_views.ts';

/**
 * SimSiam: a predictor h brings the projection z of one view to that of the other, which is a constant (eq. 1, 3 and 4):
 *   L = ½ D(h(z₁), stopgrad(z₂)) + ½ D(h(z₂), stopgrad(z₁)),   D(p, z) = −p·z/(‖p‖‖z‖)
 * The projector ends with a batch norm, without γ and β as in the authors' program (the paper does not say): by β alone
 * projections could point one way. Both views share the batch norms' statistics.
 */
export const simsiam = pretextMethod({
  name: 'simsiam',
  title: 'SimSiam',
  reference: 'Chen & He 2021, arXiv 2011.10566',
  summary: 'two views without others to tell them from',
  learning: 'predicting one altered view of an image from another',
  learnsFromLabels: false,
  settings: {
    projection: {
      kind: { type: 'widths' },
      unit: 'widths',
      help: 'of the projection head, say 512-128',
      chosen: 'feature size, twice',
      /** As wide as the features, both layers. */
      derive: ({ featureSize }) => [featureSize, featureSize],
    },
    // A bottleneck of a quarter, as in the paper: 512 of 2048.
    predictor: predictorSetting('a quarter of the feature size', (featureSize) =>
      Math.max(1, featureSize / 4),
    ),
  },
  batches: allImages,
  declare(context, { projection, predictor }) {
    const { encoder } = context;
    const sizes = [encoder.featureSize, ...projection];
    const columns = sizes.at(-1)!;
    const project = projectionHead(context.part('projector'), 'projector', {
      ...{ sizes, batchNorm: true, outputNorm: true },
    });
    const predict = projectionHead(context.part('predictor'), 'predictor', {
      ...{ sizes: [columns, predictor, columns], batchNorm: true },
    });
    return {
      views: 2,
      loss(batch) {
        const projections = project(encoder.forward(bothViews(context, batch)));
        // The loss takes its targets as constants: the stopped gradient.
        return negativeCosine(predict(projections), projections);
      },
    };
  },
  ...predictionFigures,
});
