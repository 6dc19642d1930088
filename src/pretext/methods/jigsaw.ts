import { linear } from '../../nn/layers.ts';
import { projectionHead } from '../../nn/projection_head.ts';
import { drawChoices, renderViews } from '../../ops/augment.ts';
import { sideBySide } from '../../ops/pretext/side_by_side.ts';
import { gridCells, permutedPatches } from '../../ops/pretext/transforms.ts';
import { relu } from '../../ops/relu.ts';
import { softmaxCrossEntropy } from '../../ops/softmax_cross_entropy.ts';
import { allImages } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { classifiedFigures } from '../parts/classified.ts';
import { patchesOf, permutationTable } from '../parts/patches.ts';
import { permutationCount } from '../parts/permutations.ts';

/** Patches of 64 pixels in cells of 75, in the paper. */
const patchShare = 64 / 75;
/** Numbers by which a patch is told to the layers that see all nine. */
const patchWidth = 64;

/**
 * Jigsaw: in which of a fixed set of orders the nine patches of an image were shown (section 3.1):
 *   L = mean over images of −log softmax(g(f(patch 1), …, f(patch 9)))[order]
 * The orders differ in eight places at least (see `distantPermutations`): 72, where the paper searches 1000 that differ
 * less. It also brings each patch to mean 0 and deviation 1; here the policy's jitter alone hides brightness and colour.
 */
export const jigsaw = pretextMethod({
  name: 'jigsaw',
  title: 'Jigsaw',
  reference: 'Noroozi & Favaro 2016, arXiv 1603.09246',
  summary: 'in which order the nine patches of an image are shown',
  learning: 'telling in which order the nine patches of an image were shown',
  learnsFromLabels: false,
  settings: {
    permutations: {
      kind: { type: 'whole', min: 2, max: permutationCount },
      unit: 'n',
      help: 'orders of the patches to tell apart',
      default: permutationCount,
    },
  },
  batches: allImages,
  declare({ encoder, part, views }, { permutations }) {
    const patch = patchesOf(views.imageSize, patchShare);
    const { featureSize } = encoder;
    const table = permutationTable(part('permutations'), permutations);
    const shape = { inputs: featureSize, outputs: patchWidth, bias: true };
    const describe = linear(part('patches'), 'patches', shape);
    const sizes = [gridCells * patchWidth, featureSize, permutations];
    const classify = projectionHead(part('classifier'), 'classifier', { sizes, batchNorm: true });
    return {
      views: 1,
      loss({ images, indices, numbers, counter }) {
        const whole = renderViews(images, indices, drawChoices(numbers, counter, views), views);
        const { patches, labels } = permutedPatches(whole, { numbers, counter }, patch, table);
        const rows = sideBySide(relu(describe(encoder.forward(patches))), gridCells);
        return softmaxCrossEntropy(classify(rows), labels);
      },
    };
  },
  ...classifiedFigures(
    'order recognised',
    'the share of images the order of whose patches was recognised',
    ({ permutations }: { readonly permutations: number }) => permutations,
  ),
});
