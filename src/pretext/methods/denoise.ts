import { noGrad } from '../../autograd/tape.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { drawChoices, perChannel, renderViews } from '../../ops/augment.ts';
import { addNoise, blur } from '../../ops/generative/mask.ts';
import { maskedError } from '../../ops/generative/masked_error.ts';
import { composed, explained, meanColourRows } from '../../ops/generative/patch_pixels.ts';
import { allImages } from '../batches.ts';
import { type ImageBatch, pretextMethod } from '../method.ts';
import { decoderSettings } from '../parts/decoder.ts';
import { reconstruction, reconstructionCurves } from '../parts/reconstruction.ts';

/** Patches along a side, of which rows are made to compare them. */
const mostPatches = 8;

/**
 * Denoising: an image is blurred, noise is added, and its pixels are to be brought back (section 2.3, with the squared
 * error of reals and a convolutional network):
 *   L = mean over pixels of (d(f(x̃)) − x)²,   x̃ = blur_β(x) + σ·ε,   ε normal, anew in each step
 * Pixels are those that the encoder takes, (value − mean)/std. σ is of values from 0 to 1. A decoder that could copy its
 * input would teach the encoder nothing: this one sees the last feature map, or the last tokens, alone.
 */
export const denoise = pretextMethod({
  name: 'denoise',
  title: 'Denoising',
  reference: 'Vincent et al. 2008, 10.1145/1390156.1390294',
  summary: 'an image out of its blurred or noisy form',
  learning: 'bringing back an image from a noisy or blurred form of it',
  learnsFromLabels: false,
  // Colours are what is to be brought back, and a harder crop leaves less to learn them from.
  policy: 'weak',
  settings: {
    noise: {
      kind: { type: 'real', min: 0 },
      unit: 's',
      help: 'deviation of the noise that is added to values from 0 to 1',
      default: 0.25,
    },
    blurSigma: {
      kind: { type: 'real', min: 0 },
      unit: 'pixels',
      help: 'deviation of the blur that comes before it; 0: none',
      default: 0,
    },
    ...decoderSettings,
  },
  batches: allImages,
  declare(context, { noise, blurSigma, ...decoder }) {
    if (noise === 0 && blurSigma === 0)
      throw new UserError(
        sentence`${named('noise', 0)} without ${named('blurSigma')} leaves nothing to bring back: raise one of them`,
      );
    const { views } = context;
    const deviations = perChannel(views.normalise.std);
    const [red, green, blue] = [0, 1, 2].map((c) => noise / deviations[c]!) as [number, number, number];
    const { predict, rowsOf } = reconstruction(context, decoder, { most: mostPatches, masks: false });
    const damage = (whole: Tensor, { numbers, counter }: ImageBatch) => {
      const soft = blurSigma > 0 ? blur(whole, blurSigma) : whole;
      return noise > 0 ? addNoise(soft, { numbers, counter }, [red, green, blue]) : soft;
    };
    const record = (batch: ImageBatch) => {
      const { images, indices, numbers, counter } = batch;
      const whole = renderViews(images, indices, drawChoices(numbers, counter, views), views);
      const damaged = damage(whole, batch);
      return { whole, damaged, rows: rowsOf(whole), predictions: predict(damaged) };
    };
    return {
      views: 1,
      loss(batch) {
        const { whole, damaged, rows, predictions } = record(batch);
        const loss = maskedError(predictions, rows);
        const [mean, input] = noGrad(() => [
          maskedError(meanColourRows(whole, rows), rows),
          maskedError(rowsOf(damaged), rows),
        ]) as [Tensor, Tensor];
        return { loss, metrics: explained(loss, mean, input) };
      },
      pictures(batch) {
        const { damaged, rows, predictions } = record(batch);
        return [rows, rowsOf(damaged), predictions].map((shown) =>
          composed(rows, shown, { mask: undefined, normalised: false }),
        );
      },
    };
  },
  metrics: [
    {
      name: 'explained',
      term: 'explained',
      label: 'variance explained',
      unit: 'share',
      chance: () => 0,
      meaning:
        "the share of what an image's pixels differ by from its mean colour that was brought back; below 0 where the mean alone would be nearer",
    },
    {
      name: 'meanLoss',
      label: 'loss by the mean',
      meaning: "what predicting every image's mean colour alone would give as a loss",
    },
    {
      name: 'inputExplained',
      label: 'left by the damage',
      meaning:
        "the same share for the damaged image as it is, handed back untouched; a number below 0 says that it is farther from the image than the image's mean colour",
    },
  ],
  curves: reconstructionCurves,
  pictures: ['images', 'what the encoder saw of them', 'its reconstruction'],
});
