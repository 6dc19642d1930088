import { projectionHead } from '../../nn/projection_head.ts';
import { drawChoices, renderViews } from '../../ops/augment.ts';
import { sideBySide } from '../../ops/pretext/side_by_side.ts';
import { gridCells, neighbouringPatches } from '../../ops/pretext/transforms.ts';
import { softmaxCrossEntropy } from '../../ops/softmax_cross_entropy.ts';
import { allImages } from '../batches.ts';
import { pretextMethod } from '../method.ts';
import { classifiedFigures } from '../parts/classified.ts';
import { patchesOf } from '../parts/patches.ts';

/** Patches of 96 pixels with gaps of about half a patch, in the paper: two thirds of what a cell takes. */
const patchShare = 2 / 3;
const neighbours = gridCells - 1;

/**
 * Relative position: in which of eight places around a patch another one lies (section 3), by a network that sees both:
 *   L = mean over images of −log softmax(g(f(middle), f(neighbour)))[place]
 * Gaps and jitter come from where each patch lies in its cell. Against colour aberration, which tells a patch's place in
 * an image, the paper drops two of three channels or projects them; here the policy's greyscale and jitter do.
 */
export const relative = pretextMethod({
  name: 'relative',
  title: 'Relative position',
  reference: 'Doersch et al. 2015, arXiv 1505.05192',
  summary: 'where one patch of an image lies beside another',
  learning: 'telling where one patch of an image lies beside another',
  learnsFromLabels: false,
  settings: {},
  batches: allImages,
  declare({ encoder, part, views }) {
    const patch = patchesOf(views.imageSize, patchShare);
    const { featureSize } = encoder;
    const sizes = [2 * featureSize, featureSize, neighbours];
    const classify = projectionHead(part('classifier'), 'classifier', { sizes, batchNorm: true });
    return {
      views: 1,
      loss({ images, indices, numbers, counter }) {
        const whole = renderViews(images, indices, drawChoices(numbers, counter, views), views);
        const { patches, labels } = neighbouringPatches(whole, { numbers, counter }, patch);
        return softmaxCrossEntropy(classify(sideBySide(encoder.forward(patches), 2)), labels);
      },
    };
  },
  ...classifiedFigures(
    'place recognised',
    'the share of pairs of patches whose arrangement was recognised, of eight',
    () => neighbours,
  ),
});
