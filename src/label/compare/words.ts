import { count, counted } from '../report/format.ts';
import type { ComparedEncoder, CurvePoint, EncoderComparison } from './result.ts';

/** What learns from the labels, as people call it. */
export const howNames: Readonly<Record<string, string>> = {
  probe: 'probe',
  knn: 'nearest neighbours',
  finetune: 'fine-tuning',
  supervised: 'training from scratch',
};

/** The name of what learned from the labels. */
export const howName = (how: string): string => howNames[how] ?? how;

/** 10, or all. */
export const pointName = ({ perClass }: Pick<CurvePoint, 'perClass'>): string =>
  perClass === null ? 'all' : String(perClass);

/** The title of the encoder that differences are taken from; undefined where there is none. */
export const referenceTitle = ({ encoders, reference }: EncoderComparison): string | undefined =>
  encoders.find(({ name }) => name === reference)?.title;

/** What was equal, in words. */
export function budgetWords({ budget: { of, amount }, images }: EncoderComparison): string {
  if (of === 'minutes')
    return `${amount === 1 ? '1 minute' : `${amount} minutes`} of training on this machine`;
  const epochs = Math.round(amount / images);
  return `${counted(amount, 'image')} seen in training (${counted(epochs, 'epoch')} of ${count(images)})`;
}

/** What the intervals are, and what they leave out. */
export function intervalWords({ draws, heldOut }: EncoderComparison): string {
  const oneDraw = `over the ${count(heldOut.images)} held-out images: Wilson's of a share, Bonett and Price's of a paired difference`;
  const drawn =
    draws > 1
      ? `Intervals of 95% are over the ${draws} draws of the labels and the ${count(heldOut.images)} held-out images both (Student's t of each, the squares of both added); differences are paired, since all methods had the same draws and images. At all labels there is one draw, and intervals are ${oneDraw}.`
      : `With one draw of the labels, intervals of 95% are ${oneDraw}; what another draw would change they do not say.`;
  return `${drawn} Each encoder was trained once: what another seed of its training would change, no interval says.`;
}

/** Why a method has no scores, or fewer than others; undefined where it has them all. */
export function cautionOf({ title, stopped, learnsFromLabels }: ComparedEncoder): string | undefined {
  if (stopped !== null) return `${title} was given up: ${stopped}.`;
  if (!learnsFromLabels) return undefined;
  return `${title} learned from every label that is not held out, so it is compared with all labels alone: with fewer it would have seen more than it was given.`;
}
