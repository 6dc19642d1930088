import { noGrad } from '../../autograd/tape.ts';
import { projectionHead } from '../../nn/projection_head.ts';
import { negativeCosine } from '../../ops/pretext/negative_cosine.ts';
import { allImages } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { predictionFigures, predictorSetting, targetMomentumSetting } from '../parts/prediction.ts';
import { bothViews, twoViewSettings } from '../two_views.ts';

/**
 * BYOL: a predictor q brings the online network's projection z of one view to the target network's z' of the other (eq. 2
 * and the symmetric loss behind it):
 *   L = ‖q̄(z₁) − z̄'₂‖² + ‖q̄(z₂) − z̄'₁‖² = 4 − 4 · mean cosine,   x̄ = x/‖x‖,   a mean over images
 *   ξ ← m·ξ + (1 − m)·θ,   m = 1 − (1 − m₀)(cos(πk/K) + 1)/2 at step k of K (section 3.2)
 * Some programs report an eighth of it, as a mean negative cosine. θ is what the optimizer moves, weights alone (see
 * `Follower`); both views share the batch norms' statistics, of which each network takes its own batch's.
 */
export const byol = pretextMethod({
  name: 'byol',
  title: 'BYOL',
  reference: 'Grill et al. 2020, arXiv 2006.07733',
  summary: 'two views and a slow copy of the network, without others to tell them from',
  learning: 'predicting what a slowly following copy of itself makes of another altered view of an image',
  learnsFromLabels: false,
  settings: {
    projection: twoViewSettings.projection,
    predictor: predictorSetting('feature size', (featureSize) => featureSize),
    targetMomentum: targetMomentumSetting,
  },
  batches: allImages,
  declare(context, { projection, predictor, targetMomentum }) {
    const { encoder, steps } = context;
    const head = { sizes: [encoder.featureSize, ...projection], batchNorm: true };
    const columns = head.sizes.at(-1)!;
    const project = projectionHead(context.part('projector'), 'projector', head);
    const target = context.follower('target');
    const projectTarget = projectionHead(target.context, 'projector', head);
    const predict = projectionHead(context.part('predictor'), 'predictor', {
      ...{ sizes: [columns, predictor, columns], batchNorm: true },
    });
    return {
      views: 2,
      loss(batch) {
        const views = bothViews(context, batch);
        const targets = noGrad(() => projectTarget(target.encoder.forward(views)));
        const predictions = predict(project(encoder.forward(views)));
        return negativeCosine(predictions, targets, { factor: 4, offset: 4 });
      },
      afterUpdate: (counter) => target.follow(counter, { momentum: targetMomentum, steps }),
    };
  },
  ...predictionFigures,
});
