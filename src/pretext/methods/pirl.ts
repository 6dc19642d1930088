import type { Tensor } from '../../autograd/tensor.ts';
import { linear } from '../../nn/layers.ts';
import { add } from '../../ops/add.ts';
import { l2Normalize } from '../../ops/l2_normalize.ts';
import { drawImages, recall, remember } from '../../ops/pretext/memory.ts';
import { memoryContrast } from '../../ops/pretext/memory_contrast.ts';
import { sideBySide } from '../../ops/pretext/side_by_side.ts';
import { gridCells, permutedPatches, someViews, turnedByChance } from '../../ops/pretext/transforms.ts';
import { ofAllRanks } from '../../ops/ranks/rank_mean.ts';
import { scale } from '../../ops/scale.ts';
import { allImages } from '../batches.ts';
import { type PretextContext, pretextMethod } from '../method.ts';
import { memoryFigures, randomBank } from '../parts/memory.ts';
import { patchesOf, permutationTable } from '../parts/patches.ts';
import { permutationCount } from '../parts/permutations.ts';
import { bothViews, twoViewSettings } from '../two_views.ts';

/** Patches of 64 pixels in cells of 75, as jigsaw's. */
const patchShare = 64 / 75;

type Transform = 'rotation' | 'jigsaw';

/**
 * PIRL: an image I and a transformed I^t are both to be nearest to what a memory bank holds of I (eq. 3 to 5):
 *   L = λ·NCE(m_I, g(v^t)) + (1 − λ)·NCE(m_I, f(v)),   m_I ← (momentum·m_I + (1 − momentum)·f(v))/‖…‖
 * with NCE as `ops/pretext/memory_contrast.ts` has it, f a linear layer, g another: of the rotated image's features, or of
 * its nine patches' in a random order, each through a layer and then all through one. The second term keeps the bank from
 * wandering. With many negatives their own sum stays near 1, so that NCE is InfoNCE and a constant; the authors' program
 * offers both that and an estimate with a fixed partition sum.
 *
 * Negatives are drawn anew for each step, the same for all its images, none its own image's: a draw for each image costs
 * as many rows times the batch, for the same expectation. The bank begins with random directions, as the authors'
 * program has it (the paper does not say). Empty rows do worse: in the first epoch nothing then holds the network against
 * the push away from what it has just remembered, and images end opposite to their own rows.
 */
export const pirl = pretextMethod({
  name: 'pirl',
  title: 'PIRL',
  reference: 'Misra & van der Maaten 2020, arXiv 1912.01991',
  summary: 'an image and its rotated or cut up form, told from a memory of all others',
  learning: 'recognising an image in its rotated or cut up form among a memory of all images',
  learnsFromLabels: false,
  settings: {
    temperature: { ...twoViewSettings.temperature, default: 0.07 },
    projection: {
      ...twoViewSettings.projection,
      chosen: '128',
      /** The width of the bank. */
      derive: () => [128],
    },
    transform: {
      kind: { type: 'choice', of: ['rotation', 'jigsaw'] },
      help: 'what the representation is not to depend on: rotation, quarter turns; jigsaw, nine patches in any order',
      default: 'jigsaw',
    },
    negatives: {
      kind: { type: 'whole', min: 1 },
      unit: 'n',
      help: 'rows of the memory that a step compares with',
      default: 4096,
    },
    bankMomentum: {
      kind: { type: 'share', ends: true },
      help: 'that a row of the memory keeps of itself when its image is seen',
      default: 0.5,
    },
    transformWeight: {
      kind: { type: 'share', ends: true },
      help: "of the transformed image's term in the loss; the rest is the plain image's",
      default: 0.5,
    },
  },
  batches: allImages,
  declare(context, settings) {
    const { temperature, projection, negatives, bankMomentum, transformWeight } = settings;
    const { encoder } = context;
    const columns = projection.at(-1)!;
    const head = { inputs: encoder.featureSize, outputs: columns, bias: true };
    const describe = linear(context.part('projector'), 'projector', head);
    const describeTransformed = transformedHead(context, settings.transform as Transform, columns);
    const bank = randomBank(context.part('bank'), context.images, columns);
    let seen: { readonly numbers: Tensor; readonly rows: Tensor };
    return {
      views: 1,
      loss(batch) {
        const { numbers, counter, indices } = batch;
        const views = bothViews(context, batch);
        const rows = describe(encoder.forward(someViews(views, 0, indices.size)));
        seen = { numbers, rows };
        const transformed = describeTransformed(someViews(views, indices.size, indices.size), batch);
        const positives = recall(bank, numbers);
        const drawn = drawImages(bank, negatives, counter);
        const memory = recall(bank, drawn);
        const contrast = (queries: Tensor) =>
          memoryContrast(
            ...([l2Normalize(queries), positives, memory, { temperature, negativeTerms: true }] as const),
            { own: numbers, memory: drawn },
          );
        const [cut, plain] = [contrast(transformed), contrast(rows)];
        const loss = add(scale(cut.loss, transformWeight), scale(plain.loss, 1 - transformWeight));
        return { loss, metrics: cut.metrics };
      },
      afterUpdate: () => remember(bank, ofAllRanks(seen.numbers), ofAllRanks(seen.rows), bankMomentum),
    };
  },
  chanceLoss: ({ negatives }) => Math.log1p(negatives) + negatives * Math.log1p(1 / negatives),
  ...memoryFigures('the image found first', ({ negatives }) => Number(negatives)),
});

/** g: what stands for a transformed view, as a function of the view before the transform. */
function transformedHead(
  { encoder, part, views }: PretextContext,
  transform: Transform,
  columns: number,
): (view: Tensor, draws: { readonly numbers: Tensor; readonly counter: Tensor }) => Tensor {
  const layer = (name: string, inputs: number) =>
    linear(part('transformed'), `transformed.${name}`, { inputs, outputs: columns, bias: true });
  if (transform === 'rotation') {
    const describe = layer('turned', encoder.featureSize);
    return (view, draws) => describe(encoder.forward(turnedByChance(view, draws)));
  }
  const patch = patchesOf(views.imageSize, patchShare);
  const table = permutationTable(part('permutations'), permutationCount);
  const describePatch = layer('patch', encoder.featureSize);
  const join = layer('patches', gridCells * columns);
  return (view, draws) => {
    const { patches } = permutedPatches(view, draws, patch, table);
    return join(sideBySide(describePatch(encoder.forward(patches)), gridCells));
  };
}
