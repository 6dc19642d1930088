import type { Tensor } from '../autograd/tensor.ts';
import { projectionHead } from '../nn/projection_head.ts';
import { drawChoices, renderViews } from '../ops/augment.ts';
import {
  type Curve,
  type FactoredModel,
  featureCurves,
  type ImageBatch,
  lossCurve,
  type MethodTable,
  neighboursLine,
  type PretextContext,
  type ValuesOf,
} from './method.ts';

/** Settings of methods that compare the projections of two views of each image by a temperature. */
export const twoViewSettings = {
  temperature: {
    kind: { type: 'real', above: 0 },
    unit: 't',
    help: 'of the contrastive loss',
    default: 0.2,
  },
  projection: {
    kind: { type: 'widths' },
    unit: 'widths',
    help: 'of the projection head, say 512-128',
    chosen: 'feature size, then 128',
    /** As wide as the features, then 128 (SimCLR's own width of the last layer). */
    derive: ({ featureSize }) => [featureSize, 128],
  },
} as const satisfies MethodTable;

/** Records two views of each image of a batch: [2·B, S, S, 4], first views before second ones. */
export function bothViews(
  { views }: Pick<PretextContext, 'views'>,
  { images, indices, numbers, counter }: ImageBatch,
): Tensor {
  const shape = { ...views, views: 2 } as const;
  return renderViews(images, indices, drawChoices(numbers, counter, shape), shape);
}

/**
 * Two views of each image through the encoder and a projection head (Chen et al. 2020, arXiv 2002.05709), and a loss of
 * their projections [2·B, D], first views before second ones.
 */
export function twoViewModel(
  context: PretextContext,
  { projection }: Pick<ValuesOf<typeof twoViewSettings>, 'projection'>,
  projectionLoss: FactoredModel['projectionLoss'],
): FactoredModel {
  const { encoder } = context;
  const sizes = [encoder.featureSize, ...projection];
  const head = projectionHead(context.part('projector'), 'projector', { sizes, batchNorm: true });
  return {
    views: 2,
    project: (batch) => head(encoder.forward(bothViews(context, batch))),
    projectionLoss,
  };
}

/**
 * What NT-Xent and SupCon are for views that tell nothing, and after a collapse: log(2·batch − 1), since both have all
 * other views in their denominators.
 */
export const viewsChanceLoss = (batch: number): number => Math.log(2 * batch - 1);

/** The curves of a contrastive loss. @param found whom an anchor should find first */
export const contrastiveCurves = (found: string): readonly Curve[] => [
  lossCurve,
  {
    title: 'Named rightly',
    unit: 'share',
    lines: [{ of: 'contrastiveTop1', name: found }, neighboursLine],
  },
  ...featureCurves,
];

const viewFound = 'the other view found first';

/** What NT-Xent's figures are to people. */
export const ntXentFigures = {
  metrics: [
    {
      name: 'contrastiveTop1',
      term: 'contrastive top-1',
      label: viewFound,
      unit: 'share',
      chance: (_settings: unknown, batch: number) => 1 / (2 * batch - 1),
      meaning:
        'the share of views whose nearest among all other views of the batch is the other view of their own image',
    },
    {
      name: 'positiveSimilarity',
      label: 'similarity of the two views',
      meaning:
        'the mean cosine similarity of the two views of an image, 1 where the encoder makes no difference between them',
    },
  ],
  curves: contrastiveCurves(viewFound),
} as const;
