import { noGrad } from '../../autograd/tape.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { projectionHead } from '../../nn/projection_head.ts';
import { l2Normalize } from '../../ops/l2_normalize.ts';
import { enqueue } from '../../ops/pretext/memory.ts';
import { memoryContrast } from '../../ops/pretext/memory_contrast.ts';
import { someViews } from '../../ops/pretext/transforms.ts';
import { ofAllRanks } from '../../ops/ranks/rank_mean.ts';
import { allImages } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { memoryFigures, randomRows } from '../parts/memory.ts';
import { targetMomentumSetting } from '../parts/prediction.ts';
import { bothViews, twoViewSettings } from '../two_views.ts';

/**
 * MoCo: a query tells the key of its image from a queue of keys of earlier batches (eq. 1 and 2):
 *   L = mean over images of −log( e^{q·k₊/τ} / (e^{q·k₊/τ} + Σ over the queue of e^{q·k/τ}) ),   θ_k ← m·θ_k + (1 − m)·θ_q
 * with the second version's head, an MLP without batch norm (arXiv 2003.04297). First views are queries, second ones keys.
 * The queue begins with random directions, as the authors' program has it (the paper does not say). Their keys are
 * shuffled among devices so that batch norm cannot tell which of them belong together; on one device that changes nothing,
 * and so it is not done: queries and keys are normalised in batches of their own.
 */
export const moco = pretextMethod({
  name: 'moco',
  title: 'MoCo v2',
  reference: 'He et al. 2020, arXiv 1911.05722; Chen et al. 2020, arXiv 2003.04297',
  summary: 'two views, told from a queue of earlier ones',
  learning: 'telling two altered views of an image from a queue of views of others',
  learnsFromLabels: false,
  settings: {
    temperature: { ...twoViewSettings.temperature, default: 0.1 },
    projection: twoViewSettings.projection,
    queue: {
      kind: { type: 'whole', min: 1 },
      unit: 'n',
      help: 'keys of earlier batches to tell a view from; at least a batch',
      default: 4096,
    },
    targetMomentum: targetMomentumSetting,
  },
  batches: allImages,
  declare(context, { temperature, projection, queue: wanted, targetMomentum }) {
    const { encoder } = context;
    const head = { sizes: [encoder.featureSize, ...projection], batchNorm: false };
    const project = projectionHead(context.part('projector'), 'projector', head);
    const follower = context.follower('key');
    const projectKeys = projectionHead(follower.context, 'projector', head);
    const { parameters, seed } = context.part('queue');
    const shape = [wanted, head.sizes.at(-1)!];
    const queue = parameters.buffer('queue.keys', shape, randomRows(seed, 'queue.keys'));
    let keys: Tensor;
    return {
      views: 2,
      loss(batch) {
        const count = batch.indices.size;
        const views = bothViews(context, batch);
        keys = noGrad(() =>
          l2Normalize(projectKeys(follower.encoder.forward(someViews(views, count, count)))),
        );
        const queries = l2Normalize(project(encoder.forward(someViews(views, 0, count))));
        return memoryContrast(queries, keys, queue, { temperature });
      },
      afterUpdate(counter) {
        enqueue(queue, ofAllRanks(keys), counter);
        follower.follow(counter, { momentum: targetMomentum, steps: 0 });
      },
    };
  },
  chanceLoss: ({ queue }) => Math.log(1 + queue),
  ...memoryFigures('the other view found first', ({ queue }) => Number(queue)),
});
