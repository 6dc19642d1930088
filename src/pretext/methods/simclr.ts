import { ntXent } from '../../ops/nt_xent.ts';
import { allImages } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { ntXentFigures, twoViewModel, twoViewSettings, viewsChanceLoss } from '../two_views.ts';

/** SimCLR: NT-Xent of two views of each image. */
export const simclr = pretextMethod({
  name: 'simclr',
  title: 'SimCLR',
  reference: 'Chen et al. 2020, arXiv 2002.05709',
  summary: 'two views of each image',
  learning: 'telling two altered views of an image from views of others',
  learnsFromLabels: false,
  settings: twoViewSettings,
  batches: allImages,
  declare(context, settings) {
    const { temperature } = settings;
    return twoViewModel(context, settings, (projections) => ntXent(projections, { temperature }));
  },
  chanceLoss: (_settings, batch) => viewsChanceLoss(batch),
  ...ntXentFigures,
});
