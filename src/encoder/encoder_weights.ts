import type { Resize } from '../data/resize/resize.ts';
import { UserError } from '../errors.ts';
import { quote } from '../formats/quote.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../formats/safetensors.ts';
import type { Refuse } from '../nn/family.ts';
import {
  architectureOf,
  type EncoderOptions,
  families,
  familyOf,
  inferEncoder,
  withUntold,
} from '../nn/family_registry.ts';
import { torchShapes, torchTensors } from '../nn/state_dict.ts';
import { fromTorch } from '../nn/torch_layout.ts';
import { type Normalisation, pixelScale } from '../ops/augment.ts';
import { type EncoderNotes, encoderMetadata, readMetadata } from './metadata.ts';
import { readFloats } from './stored_floats.ts';

/** An encoder's weights on the host, with what is known of how they were trained. */
export interface Weights {
  /** The architecture, as the tensors' shapes tell it. */
  readonly encoder: EncoderOptions;
  /** Every tensor of the encoder in the engine's layout, under torchvision's name. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
  /** What pixels must be brought to. */
  readonly normalise: Normalisation;
  /** Side of the images trained on, in pixels; only our own files tell. */
  readonly imageSize?: number;
  /** How images are brought to that side; only our own files tell. */
  readonly resize?: Resize;
  /** The file's metadata, as they are. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * An encoder's weights and running statistics under torchvision's names and in its layouts (OIHW), as a safetensors
 * file that `torchvision.models.resnet18` loads with `strict=False`: there is no `fc`.
 * @param tensors in the engine's layout, by name, as `Parameters.read` and `readWeights` give them; others than the
 * encoder's are left out
 * @throws RangeError where a tensor of the encoder is missing
 */
export function encodeWeights(tensors: ReadonlyMap<string, Float32Array>, notes: EncoderNotes): Uint8Array {
  const stored = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of torchTensors(architectureOf(notes.encoder), tensors)) {
    stored.set(name, { dtype: 'F32', shape: [...shape], data });
    // PyTorch counts batches beside the running statistics; with a fixed momentum the number is not used.
    if (name.endsWith('.running_var')) {
      const counter = name.replace('running_var', 'num_batches_tracked');
      stored.set(counter, { dtype: 'I64', shape: [], data: BigInt64Array.of(0n) });
    }
  }
  return encodeSafetensors(stored, encoderMetadata(notes));
}

/** Counters of batches, which nothing here needs. */
const counter = /\.num_batches_tracked$/;

/**
 * Reads an encoder's weights in torchvision's layout from a safetensors file: our own, or a state dict saved by others,
 * also with the prefixes `module.`, `encoder.`, `backbone.`, `model.`, in F32, F64, F16 or BF16. The architecture
 * follows from names and shapes. Pixels are normalised as the metadata's `normalise` says
 * (`{"mean":[r,g,b],"std":[r,g,b]}`), else by `pixelScale` for our own files and as the family's published weights want
 * it for others'.
 * @param file its name, for error messages
 * @throws UserError where it is no such file, naming the tensor that is missing or unfit
 */
export function readWeights(bytes: Uint8Array, file: string): Weights {
  const { tensors: stored, metadata } = decodeSafetensors(bytes, file);
  const { landmark, refuse } = landmarkOf([...stored.keys()], file);
  const prefix = findPrefix([...stored.keys()], landmark, refuse);
  const own = new Map<string, StoredTensor>();
  for (const [name, tensor] of stored)
    if (name.startsWith(prefix)) own.set(name.slice(prefix.length), tensor);
  const { normalise, imageSize, resize, encoder: stated = {} } = readMetadata(metadata, file);
  const encoder = withUntold(inferEncoder(own, refuse), stated);
  const family = familyOf(encoder);
  const architecture = family.describe(encoder);
  const shapes = torchShapes(architecture);
  for (const name of own.keys()) {
    if (family.owns(name) && !shapes.has(name) && !counter.test(name)) {
      return refuse(`holds ${quote(name)}, which a ${architecture.title} does not have`);
    }
  }
  const tensors = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    tensors.set(name, fromTorch({ shape, data: readFloats(own, name, shape, refuse) }));
  }
  const usual = metadata.encoder === undefined ? family.usualNormalisation(encoder) : pixelScale;
  return {
    encoder,
    tensors,
    normalise: normalise ?? usual,
    ...(imageSize !== undefined && { imageSize }),
    ...(resize && { resize }),
    metadata,
  };
}

/** What wrappers put in front of names: DataParallel, and the attribute that holds the encoder. */
const wrappers = /^(?:(?:module|encoder|backbone|model)\.)*$/;

/** What stands before each tensor of this name. */
const prefixesOf = (names: readonly string[], landmark: string): string[] =>
  names
    .filter((name) => name.endsWith(landmark))
    .map((name) => name.slice(0, -landmark.length))
    .filter((prefix) => wrappers.test(prefix));

/** The landmark that is there, and how files are refused. */
function landmarkOf(names: readonly string[], file: string) {
  const all = Object.values(families);
  const wanted = all.map(({ weights }) => weights).join(' or ');
  const refuse: Refuse = (reason) => {
    throw new UserError(`${file} ${reason}: give ${wanted}`);
  };
  const landmarks = [...new Set(all.map(({ landmark }) => landmark))];
  const landmark = landmarks.find((candidate) => prefixesOf(names, candidate).length > 0);
  return {
    landmark: landmark ?? refuse(`holds no tensor ${landmarks.map(quote).join(' or ')}`),
    refuse,
  };
}

function findPrefix(names: readonly string[], landmark: string, refuse: Refuse): string {
  const prefixes = prefixesOf(names, landmark);
  if (prefixes.length > 1) {
    const found = prefixes.map((prefix) => quote(`${prefix}${landmark}`)).join(' and ');
    return refuse(`holds several encoders (${found})`);
  }
  return prefixes[0]!;
}
