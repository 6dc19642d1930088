import { projectionHead } from '../../nn/projection_head.ts';
import { l2Normalize } from '../../ops/l2_normalize.ts';
import { matmul } from '../../ops/matmul.ts';
import { frozenFor, normaliseInPlace } from '../../ops/pretext/prototypes.ts';
import { sinkhornCodes, swappedPrediction } from '../../ops/pretext/swav.ts';
import { allImages } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { randomRows } from '../parts/memory.ts';
import { bothViews, contrastiveCurves, twoViewSettings } from '../two_views.ts';

const prototypeFound = "the other view's prototype found first";

/**
 * SwAV: from the cosines s = z·c of one view's projection and K prototypes to predict which of them the other view
 * belongs to (eq. 1 and 2):
 *   L = ½ ℓ(z₁, q₂) + ½ ℓ(z₂, q₁),   ℓ(z, q) = −Σ_k q_k log softmax(z·c/τ)_k,   a mean over images
 * where the codes q of a view's images share its scores among the prototypes so that each is taken as much as any other
 * (eq. 3 to 5, see `sinkhornCodes`): constants, found anew each step. The paper has the sum of both terms, the authors'
 * program half of it, as here. Prototypes have length one: brought back to it behind each update, as in that program,
 * where it takes place ahead of the next step. They keep their place at first, so that the features part before the
 * prototypes follow them. Two views; neither smaller crops nor a queue of earlier projections.
 */
export const swav = pretextMethod({
  name: 'swav',
  title: 'SwAV',
  reference: 'Caron et al. 2020, arXiv 2006.09882',
  summary: 'two views, each by the prototypes that the other belongs to',
  learning: 'predicting from one altered view of an image which of many prototypes the other one belongs to',
  learnsFromLabels: false,
  settings: {
    temperature: { ...twoViewSettings.temperature, default: 0.1 },
    projection: twoViewSettings.projection,
    prototypes: {
      kind: { type: 'whole', min: 2 },
      unit: 'n',
      help: 'prototypes that images are shared among; of the order of a batch',
      default: 64,
    },
    epsilon: {
      kind: { type: 'real', above: 0 },
      unit: 'x',
      help: 'of the codes: the smaller, the more an image belongs to one prototype alone',
      default: 0.05,
    },
    frozenSteps: {
      kind: { type: 'whole', min: 0 },
      unit: 'n',
      help: 'first steps in which the prototypes stay where they began',
      default: 100,
    },
  },
  batches: allImages,
  declare(context, { temperature, projection, prototypes: count, epsilon, frozenSteps }) {
    const { encoder } = context;
    const sizes = [encoder.featureSize, ...projection];
    const project = projectionHead(context.part('projector'), 'projector', { sizes, batchNorm: true });
    const { parameters, seed } = context.part('prototypes');
    const name = 'prototypes.weight';
    const prototypes = parameters.trainable(name, [count, sizes.at(-1)!], randomRows(seed, name), {
      decay: true,
    });
    return {
      views: 2,
      project(batch) {
        const rows = l2Normalize(project(encoder.forward(bothViews(context, batch))));
        return matmul(rows, frozenFor(prototypes, batch.counter, frozenSteps), { transposeB: true });
      },
      projectionLoss: (scores) =>
        swappedPrediction(scores, sinkhornCodes(scores, { epsilon }), { temperature }),
      afterUpdate: () => normaliseInPlace(prototypes),
    };
  },
  chanceLoss: ({ prototypes }) => Math.log(prototypes),
  metrics: [
    {
      name: 'contrastiveTop1',
      term: 'prototype top-1',
      label: prototypeFound,
      unit: 'share',
      chance: ({ prototypes }) => 1 / prototypes,
      meaning: 'the share of views from which the prototype that the other view belongs to most was told',
    },
    {
      name: 'codeEntropy',
      label: 'entropy of the codes',
      meaning:
        'how undecided the prototypes are that a view belongs to: 0 where it is one alone, the logarithm of their number where all are alike',
    },
  ],
  curves: contrastiveCurves(prototypeFound),
});
