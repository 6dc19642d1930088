import * as v from 'valibot';
import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { UserError } from '../errors.ts';
import { decodeSafetensors, type StoredTensor } from '../formats/safetensors.ts';
import { type Encoder, type ResNetOptions, resnet } from '../nn/resnet.ts';
import { fromTorch, torchShapes } from '../nn/torchvision.ts';
import type { LinearHead } from '../numerics/linear_head.ts';
import { imagenetScale, type Normalisation, pixelScale } from '../ops/augment.ts';

/** An encoder's weights on the host, with what is known of how they were trained. */
export interface Weights {
  /** The architecture, as the tensors' shapes tell it. */
  readonly encoder: Required<ResNetOptions>;
  /** Every tensor of the encoder in the engine's layout, under torchvision's name. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
  /** What pixels must be brought to. */
  readonly normalise: Normalisation;
  /** Side of the images trained on, in pixels; only our own files tell. */
  readonly imageSize?: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A classifier on an encoder's raw features as a file holds it: with the names of its classes. */
export interface StoredHead extends LinearHead {
  readonly classes: readonly string[];
  /** By which logits are divided before the softmax; 1 where the file says none. */
  readonly temperature: number;
}

/** What wrappers put in front of names: DataParallel, and the attribute that holds the encoder. */
const prefixed = /^((?:(?:module|encoder|backbone|model)\.)*)conv1\.weight$/;
/** Names inside a ResNet's trunk; others (fc, projector, …) are somebody else's. */
const trunk = /^(?:conv|bn|layer)\d/;
const counter = /\.num_batches_tracked$/;

/**
 * Reads ResNet-18 or -34 weights in torchvision's layout from a safetensors file: our own, or a state dict saved by
 * others, also with the prefixes `module.`, `encoder.`, `backbone.`, `model.`, in F32, F64, F16 or BF16. Depth, width
 * and stem follow from the shapes. Pixels are normalised as the metadata's `normalise` says
 * (`{"mean":[r,g,b],"std":[r,g,b]}`), else as torchvision's for the ImageNet stem and as our own (`pixelScale`, near
 * CIFAR-10's) for the CIFAR stem.
 * @param file its name, for error messages
 * @throws UserError where it is no such file, naming the tensor that is missing or unfit
 */
export function readWeights(bytes: Uint8Array, file: string): Weights {
  const { tensors: stored, metadata } = decodeSafetensors(bytes, file);
  const refuse: Refuse = (reason) => {
    throw new UserError(`${file} ${reason}: give ResNet-18 or ResNet-34 weights under torchvision's names`);
  };
  const prefix = findPrefix([...stored.keys()], refuse);
  const own = new Map<string, StoredTensor>();
  for (const [name, tensor] of stored)
    if (name.startsWith(prefix)) own.set(name.slice(prefix.length), tensor);
  const encoder = inferOptions(own, refuse);
  const shapes = torchShapes(encoder);
  for (const name of own.keys()) {
    if (trunk.test(name) && !shapes.has(name) && !counter.test(name)) {
      return refuse(`holds ${quote(name)}, which a ResNet-${encoder.depth} does not have`);
    }
  }
  const tensors = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) tensors.set(name, readTensor(own, name, shape, refuse));
  const notes = readNotes(metadata, file);
  const usual = encoder.stem === 'imagenet' && metadata.encoder === undefined ? imagenetScale : pixelScale;
  return {
    encoder,
    tensors,
    normalise: notes.normalise ?? usual,
    ...(notes.imageSize !== undefined && { imageSize: notes.imageSize }),
    metadata,
  };
}

/**
 * Reads a classifier: `fc.weight` [classes, features] and `fc.bias` with the class names in the metadata, as
 * `encodeHead` writes them.
 * @throws UserError where the file holds none
 */
export function readHead(bytes: Uint8Array, file: string): StoredHead {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const refuse: Refuse = (reason) => {
    throw new UserError(`${file} ${reason}: give the head.safetensors of a run`);
  };
  const [count, columns] = tensors.get('fc.weight')?.shape ?? [];
  if (count === undefined || columns === undefined) return refuse('holds no matrix "fc.weight"');
  const { classes, temperature } = readNotes(metadata, file);
  if (!classes || classes.length !== count) {
    return refuse(`names ${classes?.length ?? 'no'} classes in its metadata but has ${count}`);
  }
  return {
    weight: Float64Array.from(
      readTensor(tensors, 'fc.weight', [count, columns], refuse, { inEngineLayout: false }),
    ),
    bias: Float64Array.from(readTensor(tensors, 'fc.bias', [count], refuse, { mayBeInfinite: true })),
    classes,
    temperature: temperature ?? 1,
  };
}

/** An encoder on the GPU, with its tensors. */
export interface LoadedEncoder extends Encoder {
  readonly parameters: Parameters;
}

/** Makes the network that the weights belong to and gives it to them. */
export function loadEncoder(engine: Engine, { encoder: options, tensors }: Weights): LoadedEncoder {
  const parameters = engine.parameters();
  const encoder = resnet({ parameters, seed: 0 }, options);
  for (const [name, data] of tensors) parameters.write(name, data);
  return { ...encoder, parameters };
}

type Refuse = (reason: string) => never;

/** What stands before `conv1.weight`. */
function findPrefix(names: readonly string[], refuse: Refuse): string {
  const prefixes = names.flatMap((name) => prefixed.exec(name)?.slice(1, 2) ?? []);
  if (prefixes.length === 0) return refuse('holds no tensor "conv1.weight"');
  if (prefixes.length > 1) {
    const found = prefixes.map((prefix) => quote(`${prefix}conv1.weight`)).join(' and ');
    return refuse(`holds several encoders (${found})`);
  }
  return prefixes[0]!;
}

function inferOptions(tensors: ReadonlyMap<string, StoredTensor>, refuse: Refuse): Required<ResNetOptions> {
  if (tensors.has('layer1.0.conv3.weight')) {
    return refuse('is a bottleneck ResNet (50 layers or more), whose blocks of three convolutions differ');
  }
  const { shape } = tensors.get('conv1.weight')!;
  const [width, , kernel] = shape;
  if (!width || (kernel !== 3 && kernel !== 7)) {
    return refuse(`has "conv1.weight" of shape [${shape}], not [width, 3, 7, 7] or [width, 3, 3, 3]`);
  }
  const counts = [1, 2, 3, 4].map((stage) => {
    let count = 0;
    while (tensors.has(`layer${stage}.${count}.conv1.weight`)) count++;
    return count;
  });
  const depth = ([18, 34] as const).find((depth) => blockCounts[depth] === counts.join());
  if (!depth) {
    return refuse(`has ${counts.join(', ')} blocks in layer1 to layer4, not 2, 2, 2, 2 or 3, 4, 6, 3`);
  }
  return { depth, width, stem: kernel === 7 ? 'imagenet' : 'cifar' };
}

const blockCounts = { 18: '2,2,2,2', 34: '3,4,6,3' } as const;

function readTensor(
  tensors: ReadonlyMap<string, StoredTensor>,
  name: string,
  shape: readonly number[],
  refuse: Refuse,
  { inEngineLayout = true, mayBeInfinite = false } = {},
): Float32Array {
  const stored = tensors.get(name);
  const wanted = `[${shape.join(', ')}]`;
  if (!stored) return refuse(`lacks ${quote(name)} of shape ${wanted}`);
  if (stored.shape.join() !== shape.join()) {
    return refuse(`has ${quote(name)} of shape [${stored.shape.join(', ')}], not ${wanted}`);
  }
  if (stored.dtype !== 'F32' && stored.dtype !== 'F64') {
    return refuse(`has ${quote(name)} of dtype ${stored.dtype}, not floating point`);
  }
  const data = Float32Array.from(stored.data as Float32Array | Float64Array);
  const isVariance = name.endsWith('.running_var');
  const fits = (value: number) =>
    (Number.isFinite(value) || (mayBeInfinite && value === -Infinity)) && !(isVariance && value < 0);
  if (!data.every(fits)) {
    return refuse(`has values in ${quote(name)} that are ${isVariance ? 'no variances' : 'not finite'}`);
  }
  return inEngineLayout ? fromTorch({ shape, data }) : data;
}

const triple = (least: number) => {
  const channel = v.pipe(v.number(), v.finite(), v.minValue(least));
  return v.tuple([channel, channel, channel]);
};
const notesSchema = v.object({
  normalise: v.optional(
    v.pipe(v.string(), v.parseJson(), v.object({ mean: triple(-1e6), std: triple(1e-6) })),
  ),
  imageSize: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,4}$/), v.transform(Number))),
  classes: v.optional(v.pipe(v.string(), v.parseJson(), v.array(v.string()))),
  temperature: v.optional(
    v.pipe(v.string(), v.transform(Number), v.number(), v.finite(), v.minValue(Number.MIN_VALUE)),
  ),
});

/** @throws UserError for a key of ours with a value that is not ours */
function readNotes(metadata: Readonly<Record<string, string>>, file: string) {
  const result = v.safeParse(notesSchema, metadata);
  if (result.success) return result.output;
  const key = v.getDotPath(result.issues[0])?.split('.')[0] ?? '';
  throw new UserError(
    `${file} has metadata ${quote(key)} that kindred did not write (${quote(metadata[key] ?? '')}): export it again, or remove that key`,
  );
}

const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
