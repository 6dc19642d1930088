import { noGrad } from '../../autograd/tape.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { drawChoices, renderViews } from '../../ops/augment.ts';
import { drawMask, hidePatches } from '../../ops/generative/mask.ts';
import { maskedError } from '../../ops/generative/masked_error.ts';
import { composed, explained, normalisedRows, zeroRows } from '../../ops/generative/patch_pixels.ts';
import { allImages } from '../batches.ts';
import { type ImageBatch, pretextMethod } from '../method.ts';
import { decoderSettings } from '../parts/decoder.ts';
import { reconstruction, reconstructionCurves } from '../parts/reconstruction.ts';

/**
 * Masked images: most patches of an image are hidden, and their pixels are to be brought back (section 3):
 *   L = mean over hidden patches and their pixels of (d(f(visible))ᵢ − (xᵢ − μ)/√(σ² + 10⁻⁶))²
 * with μ and σ² of all numbers of a patch, so that predicting the mean has a loss of 1 (less for patches of one colour;
 * the authors' program divides by one number less, which takes 1/(3·patch²) off). A ViT sees visible patches alone, and
 * the decoder a token for each hidden one. A ResNet, which cannot leave pixels out, sees hidden ones as 0, the mean that
 * pixels are brought to (a sparse one: Tian et al. 2023, arXiv 2301.03580). Every image hides exactly as many.
 */
export const masked = pretextMethod({
  name: 'masked',
  title: 'Masked images',
  reference: 'He et al. 2021, arXiv 2111.06377',
  summary: 'what hidden patches of an image look like',
  learning: 'bringing back hidden patches of an image from the others',
  learnsFromLabels: false,
  // Colours are what is to be brought back, and a harder crop leaves less to learn them from.
  policy: 'weak',
  settings: {
    maskShare: {
      kind: { type: 'share' },
      unit: 'share',
      help: "of an image's patches that are hidden",
      default: 0.75,
    },
    maskPatches: {
      kind: { type: 'whole', min: 2 },
      unit: 'n',
      help: "patches along a side of a ResNet's images at most, as many as divide it; a ViT has its own",
      default: 8,
    },
    ...decoderSettings,
  },
  batches: allImages,
  declare(context, { maskShare, maskPatches, ...decoder }) {
    const { views } = context;
    const { patch, leavesOut, predict, rowsOf } = reconstruction(context, decoder, {
      most: maskPatches,
      masks: true,
    });
    const patches = (views.imageSize / patch) ** 2;
    const visible = patches - Math.round(maskShare * patches);
    if (visible < 1 || visible >= patches)
      throw new UserError(
        sentence`${named('maskShare', maskShare)} of ${patches} patches hides ${patches - visible}: take a share that hides at least one and leaves one, or smaller patches`,
      );
    const record = ({ images, indices, numbers, counter }: ImageBatch) => {
      const whole = renderViews(images, indices, drawChoices(numbers, counter, views), views);
      const mask = drawMask({ numbers, counter }, { patches, visible });
      const rows = rowsOf(whole);
      const predictions = leavesOut ? predict(whole, mask) : predict(hidePatches(whole, mask));
      return { mask, rows, predictions };
    };
    return {
      views: 1,
      loss(batch) {
        const { mask, rows, predictions } = record(batch);
        const targets = normalisedRows(rows);
        const loss = maskedError(predictions, targets, { mask });
        const mean = noGrad(() => maskedError(zeroRows(rows), targets, { mask }));
        return { loss, metrics: explained(loss, mean, mean) };
      },
      pictures(batch) {
        const { mask, rows, predictions } = record(batch);
        return [
          composed(rows, rows, { mask: undefined, normalised: false }),
          composed(rows, zeroRows(rows), { mask, normalised: false }),
          composed(rows, predictions, { mask, normalised: true }),
        ];
      },
    };
  },
  chanceLoss: () => 1,
  metrics: [
    {
      name: 'explained',
      term: 'explained',
      label: 'variance explained',
      unit: 'share',
      chance: () => 0,
      meaning:
        'the share of what hidden patches differ by from their own mean colour that was foretold from the visible ones; below 0 where the mean alone would be nearer',
    },
    {
      name: 'meanLoss',
      label: 'loss by the mean',
      meaning: "what predicting every hidden patch's mean alone would give as a loss",
    },
  ],
  curves: reconstructionCurves,
  pictures: [
    'images',
    'what the encoder saw of them',
    'its reconstruction of hidden patches, in brightness and contrast that they really have',
  ],
});
