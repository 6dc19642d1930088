import { linear } from '../../nn/layers.ts';
import { drawChoices, renderViews } from '../../ops/augment.ts';
import { inAllTurns, quarterTurns, turnLabels } from '../../ops/pretext/transforms.ts';
import { softmaxCrossEntropy } from '../../ops/softmax_cross_entropy.ts';
import { allImages } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { classifiedFigures } from '../parts/classified.ts';

/**
 * Rotation: which quarter turn a view was rotated by (eq. 2 and 3):
 *   L = mean over images and the turns k = 0 … 3 of −log F_k(rot(x, 90°·k))
 * Each view is shown in all four turns in one batch, as in the paper.
 */
export const rotation = pretextMethod({
  name: 'rotation',
  title: 'Rotation',
  reference: 'Gidaris et al. 2018, arXiv 1803.07728',
  summary: 'by how many quarter turns an image was rotated',
  learning: 'telling by how many quarter turns an image was rotated',
  learnsFromLabels: false,
  settings: {},
  batches: allImages,
  declare({ encoder, part, views }) {
    const shape = { inputs: encoder.featureSize, outputs: quarterTurns, bias: true };
    const classify = linear(part('classifier'), 'classifier', shape);
    return {
      views: quarterTurns,
      project({ images, indices, numbers, counter }) {
        const upright = renderViews(images, indices, drawChoices(numbers, counter, views), views);
        return classify(encoder.forward(inAllTurns(upright)));
      },
      projectionLoss: (logits) => softmaxCrossEntropy(logits, turnLabels(logits.shape[0]! / quarterTurns)),
    };
  },
  ...classifiedFigures(
    'turn recognised',
    'the share of rotated views whose quarter turn was recognised',
    () => quarterTurns,
  ),
});
