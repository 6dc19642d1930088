import { ParameterPart, type ParameterStore } from '../autograd/parameter_part.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { noGrad } from '../autograd/tape.ts';
import type { Tensor } from '../autograd/tensor.ts';
import { createEncoder, type Encoder } from '../nn/encoder.ts';
import { architectureOf } from '../nn/family_registry.ts';
import { pixelScale } from '../ops/augment.ts';
import { gatherRows } from '../ops/ranks/gather_rows.ts';
import { rankMean } from '../ops/ranks/rank_mean.ts';
import { type ImageBatch, isFactored, type Objective, type PretextModel } from './method.ts';
import type { ChosenMethod, EncoderTensors, PretextOptions } from './options.ts';
import { Follower } from './parts/follower.ts';

/** An encoder and the rest of a pretext task's model, each part in a store of its own. */
export interface DeclaredModel {
  /** The encoder, declared first. */
  readonly encoder: Encoder;
  /** What the encoder declared. */
  readonly encoderStore: ParameterStore;
  /** The method's model around it. */
  readonly model: PretextModel;
}

/**
 * Declares the encoder, then what the method adds.
 * @param parameters of the whole model, all of whose trainable tensors the optimizer moves
 * @param stored side of the images that views are made from, in pixels, and how many there are
 * @param start what the encoder's tensors begin as, by name; drawn from the seed by default
 * @throws RangeError where `start` lacks a tensor of the encoder
 */
export function declareModel(
  parameters: Parameters,
  { method, settings }: ChosenMethod,
  options: Pick<
    PretextOptions,
    'encoder' | 'imageSize' | 'policy' | 'normalise' | 'precision' | 'seed' | 'steps'
  >,
  stored: { readonly size: number; readonly images: number },
  start?: EncoderTensors,
): DeclaredModel {
  const { imageSize, policy, normalise = pixelScale, precision: dtype = 'f32', seed, steps = 0 } = options;
  const encoderStore = new ParameterPart(parameters, start);
  const encoder = createEncoder({ parameters: encoderStore, seed }, architectureOf(options.encoder));
  const parts = new Map<string, ParameterStore>();
  const storeOf = (name: string) => {
    const store = parts.get(name) ?? new ParameterPart(parameters);
    parts.set(name, store);
    return store;
  };
  const part = (name: string) => ({ parameters: storeOf(name), seed });
  const follower = (name: string) =>
    new Follower(
      name,
      () => parameters.entries,
      storeOf(name),
      { seed, start },
      (context) => createEncoder(context, architectureOf(options.encoder)),
    );
  const views = { policy, sourceSize: stored.size, imageSize, normalise, dtype };
  const context = { encoder, part, follower, views, images: stored.images, steps };
  return { encoder, encoderStore, model: method.declare(context, settings) };
}

/**
 * Records the loss of a whole batch, of which a rank is given its share of the images.
 * @param labels u32 [views·B], of all ranks' images
 */
export function recordObjective(model: PretextModel, batch: ImageBatch, labels: Tensor): Objective {
  if (isFactored(model)) return model.projectionLoss(gatherRows(model.project(batch), model.views), labels);
  const { loss, metrics } = model.loss(batch, labels);
  return { loss: rankMean(loss), ...(metrics && { metrics: noGrad(() => rankMean(metrics)) }) };
}
