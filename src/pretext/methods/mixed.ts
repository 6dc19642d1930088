import { add } from '../../ops/add.ts';
import { ntXent } from '../../ops/nt_xent.ts';
import { scale } from '../../ops/scale.ts';
import { supCon } from '../../ops/sup_con.ts';
import { partlyLabelled } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { ntXentFigures, twoViewModel, twoViewSettings, viewsChanceLoss } from '../two_views.ts';

/** Share of a batch that is labelled images, where they are rarer among all. */
const labelledShare = 1 / 4;

/** SimCLR on all images, with the SupCon term on the labelled ones of each batch. */
export const mixed = pretextMethod({
  name: 'mixed',
  title: 'SimCLR + SupCon',
  reference: 'Chen et al. 2020, arXiv 2002.05709, with Khosla et al. 2020, arXiv 2004.11362',
  summary: 'simclr on all images and supcon on the labelled ones, of which each batch holds a quarter',
  learning:
    'telling two altered views of an image from views of others, and bringing views of labelled images of one class together',
  learnsFromLabels: true,
  settings: {
    ...twoViewSettings,
    labelledWeight: {
      kind: { type: 'real', above: 0 },
      unit: 'x',
      help: 'of the SupCon term beside NT-Xent',
      default: 1,
    },
  },
  batches: (data, options) => partlyLabelled(data, options, labelledShare),
  declare(context, settings) {
    const { temperature, labelledWeight } = settings;
    return twoViewModel(context, settings, (projections, labels) => {
      const all = ntXent(projections, { temperature });
      const labelled = supCon(projections, labels, { temperature });
      return { loss: add(all.loss, scale(labelled.loss, labelledWeight)), metrics: all.metrics };
    });
  },
  chanceLoss: ({ labelledWeight }, batch) => (1 + labelledWeight) * viewsChanceLoss(batch),
  ...ntXentFigures,
});
