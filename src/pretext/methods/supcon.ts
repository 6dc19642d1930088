import { supCon } from '../../ops/sup_con.ts';
import { labelledImages } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { contrastiveCurves, twoViewModel, twoViewSettings, viewsChanceLoss } from '../two_views.ts';

const classFound = 'a view of the class found first';

/** Supervised contrastive learning: SupCon of two views of each labelled image. */
export const supcon = pretextMethod({
  name: 'supcon',
  title: 'SupCon',
  reference: 'Khosla et al. 2020, arXiv 2004.11362',
  summary: 'classes of the labelled images alone',
  learning:
    'bringing altered views of labelled images of one class together, apart from those of other classes',
  learnsFromLabels: true,
  settings: twoViewSettings,
  batches: labelledImages,
  declare(context, settings) {
    const { temperature } = settings;
    return twoViewModel(context, settings, (projections, labels) =>
      supCon(projections, labels, { temperature }),
    );
  },
  chanceLoss: (_settings, batch) => viewsChanceLoss(batch),
  metrics: [
    {
      name: 'contrastiveTop1',
      term: 'contrastive top-1',
      label: classFound,
      unit: 'share',
      // Chance follows from how the classes share the batch, which no setting says.
      meaning:
        'the share of views whose nearest among all other views of the batch is one of an image of their class',
    },
    {
      name: 'positiveSimilarity',
      label: 'similarity within a class',
      meaning:
        'the mean cosine similarity of views of one class, 1 where the encoder makes no difference between them',
    },
  ],
  curves: contrastiveCurves(classFound),
});
