import { dcl as dclLoss } from '../../ops/pretext/dcl.ts';
import { allImages } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { ntXentFigures, twoViewModel, twoViewSettings } from '../two_views.ts';

/**
 * DCL: NT-Xent whose denominators hold the views of other images alone (eq. 6 of the paper, as a mean over the anchors
 * where the paper adds up):
 *   L = mean over i of −s(i, p)/τ + log Σ over j that are neither i nor p of e^{s(i, j)/τ}
 * Without the positive there, the gradient of an easy pair does not shrink with the batch: small batches learn.
 */
export const dcl = pretextMethod({
  name: 'dcl',
  title: 'DCL',
  reference: 'Yeh et al. 2022, arXiv 2110.06848',
  summary: 'simclr for small batches',
  learning: 'telling two altered views of an image from views of others, each pair with a full weight',
  learnsFromLabels: false,
  settings: { ...twoViewSettings, temperature: { ...twoViewSettings.temperature, default: 0.1 } },
  batches: allImages,
  declare(context, settings) {
    const { temperature } = settings;
    return twoViewModel(context, settings, (projections) => dclLoss(projections, { temperature }));
  },
  chanceLoss: (_settings, batch) => Math.log(2 * batch - 2),
  ...ntXentFigures,
});
