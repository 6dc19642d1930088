import { UserError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../formats/safetensors.ts';
import type { Refuse } from '../nn/family.ts';
import type { LinearHead } from '../numerics/linear_head.ts';
import { readMetadata } from './metadata.ts';
import { readFloats, requireFiniteWeights } from './stored_floats.ts';

/** A file as it was when something was read out of it. */
export interface KnownFile {
  /** As the user gave it. */
  readonly path: string;
  /** Hash of its content, 64 hexadecimal digits. */
  readonly digest: string;
}

/** A file of features that another program has made. */
export interface FeatureFile extends KnownFile {
  /** The file that names the image of each row, where that is another. */
  readonly paths?: KnownFile | undefined;
}

/** What a head stands on where no encoder of ours lies beside it. */
export interface HeadFeatures {
  /** For people. */
  readonly name: string;
  /** The file that holds the features of the images that were labelled; absent where they are in none. */
  readonly file?: FeatureFile | undefined;
}

/** A classifier on raw features as `head.safetensors` holds it: with the names of its classes. */
export interface StoredHead extends LinearHead {
  /** Names of the classes, in the order of the weight's rows. */
  readonly classes: readonly string[];
  /** What logits are divided by before the softmax; 1 where the file says none. */
  readonly temperature: number;
  /** What it stands on; absent where that is the encoder beside it. */
  readonly features?: HeadFeatures;
}

/**
 * A linear classifier on raw features as a safetensors file, under the names of torchvision's ResNets: `fc.weight`
 * [classes, features] and `fc.bias` [classes]; class names and temperature in the metadata, and `unitLength` where each
 * row of features is divided by its Euclidean length before the product.
 * @param temperature by which logits are divided before the softmax; in the metadata where given
 * @param features what the head stands on where no encoder of ours lies beside it; in the metadata where given
 * @throws RunError where a number is not finite, but for a bias of −∞
 */
export function encodeHead(
  { weight, bias, unitLength }: LinearHead,
  classes: readonly string[],
  temperature?: number,
  features?: HeadFeatures,
): Uint8Array {
  requireFiniteHead({ weight, bias });
  const columns = weight.length / classes.length;
  const tensors = new Map<string, StoredTensor>([
    ['fc.weight', { dtype: 'F32', shape: [classes.length, columns], data: Float32Array.from(weight) }],
    ['fc.bias', { dtype: 'F32', shape: [classes.length], data: Float32Array.from(bias) }],
  ]);
  return encodeSafetensors(tensors, {
    classes: JSON.stringify(classes),
    ...(temperature !== undefined && { temperature: String(temperature) }),
    ...(features && { features: features.name }),
    ...(features?.file && { featureFile: JSON.stringify(features.file) }),
    ...(unitLength && { unitLength: 'true' }),
  });
}

/**
 * Holds a classifier against being broken. A bias of −∞ is whole: that of a class which is never predicted.
 * @throws RunError where another number of a classifier that is about to be written is not finite
 */
export function requireFiniteHead({ weight, bias }: Pick<LinearHead, 'weight' | 'bias'>): void {
  const known = bias.filter((value) => value !== -Infinity);
  requireFiniteWeights('the classifier', [
    ['fc.weight', weight],
    ['fc.bias', known],
  ]);
}

/**
 * Reads what `encodeHead` writes.
 * @param file its name, for error messages
 * @throws UserError where the file holds no classifier
 */
export function readHead(bytes: Uint8Array, file: string): StoredHead {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const refuse: Refuse = (reason) => {
    throw new UserError(`${file} ${reason}: give the head.safetensors of a run`);
  };
  const [count, columns] = tensors.get('fc.weight')?.shape ?? [];
  if (count === undefined || columns === undefined) return refuse('holds no matrix "fc.weight"');
  const { classes, temperature, features, featureFile, unitLength } = readMetadata(metadata, file);
  if (!classes || classes.length !== count) {
    return refuse(`names ${classes?.length ?? 'no'} classes in its metadata but has ${count}`);
  }
  return {
    weight: Float64Array.from(readFloats(tensors, 'fc.weight', [count, columns], refuse)),
    bias: Float64Array.from(readFloats(tensors, 'fc.bias', [count], refuse, { mayBeInfinite: true })),
    classes,
    temperature: temperature ?? 1,
    ...(features !== undefined && {
      features: { name: features, ...(featureFile && { file: featureFile }) },
    }),
    ...(unitLength && { unitLength: true }),
  };
}
