import type { ParameterStore } from '../autograd/parameter_part.ts';
import { encodeSafetensors, type StoredTensor } from '../formats/safetensors.ts';
import type { ResNetOptions } from '../nn/resnet.ts';
import { type TorchTensor, torchTensors, toTorch } from '../nn/torchvision.ts';
import { type Normalisation, perChannel, pixelScale } from '../ops/augment.ts';

/**
 * The encoder's weights and running statistics under torchvision's names and in its layouts (OIHW), as a safetensors
 * file that `torchvision.models.resnet18` loads with `strict=False`: there is no `fc`.
 * @param encoder the store that holds the encoder's tensors and no others
 */
export async function exportEncoder(
  encoder: Pick<ParameterStore, 'entries' | 'read'>,
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const values = await encoder.read();
  const tensors = encoder.entries.map(
    ({ name, tensor }) => [name, toTorch(tensor.shape, values.get(name)!)] as const,
  );
  return encodeStateDict(new Map(tensors), metadata);
}

/** The same from tensors on the host, in the engine's layout (see `readWeights`). */
export function encodeEncoder(
  options: ResNetOptions,
  tensors: ReadonlyMap<string, Float32Array>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  return encodeStateDict(torchTensors(options, tensors), metadata);
}

function encodeStateDict(
  tensors: ReadonlyMap<string, TorchTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const stored = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of tensors) {
    stored.set(name, { dtype: 'F32', shape: [...shape], data });
    // PyTorch counts batches beside the running statistics; with a fixed momentum the number is not used.
    if (name.endsWith('.running_var')) {
      const counter = name.replace('running_var', 'num_batches_tracked');
      stored.set(counter, { dtype: 'I64', shape: [], data: BigInt64Array.of(0n) });
    }
  }
  return encodeSafetensors(stored, metadata);
}

/** What a reader of an exported encoder must know about it: the metadata that `readWeights` understands. */
export function encoderMetadata(settings: {
  readonly encoder: ResNetOptions;
  readonly imageSize: number;
  /** Default `simclr`. */
  readonly method?: string;
  /** What the encoder's pixels were brought to in training. Default `pixelScale`. */
  readonly normalise?: Normalisation | undefined;
}): Record<string, string> {
  const { encoder, imageSize, method = 'simclr', normalise = pixelScale } = settings;
  const scale = { mean: perChannel(normalise.mean), std: perChannel(normalise.std) };
  return {
    method,
    encoder: JSON.stringify(encoder),
    imageSize: String(imageSize),
    normalise: JSON.stringify(scale),
  };
}

/**
 * A linear classifier on raw features as torchvision's ResNets name it.
 * @param layer weight: classes × features, row-major
 * @param temperature by which logits are divided before the softmax; in the metadata where given
 */
export function encodeHead(
  { weight, bias }: { readonly weight: ArrayLike<number>; readonly bias: ArrayLike<number> },
  classes: readonly string[],
  temperature?: number,
): Uint8Array {
  const columns = weight.length / classes.length;
  const tensors = new Map<string, StoredTensor>([
    ['fc.weight', { dtype: 'F32', shape: [classes.length, columns], data: Float32Array.from(weight) }],
    ['fc.bias', { dtype: 'F32', shape: [classes.length], data: Float32Array.from(bias) }],
  ]);
  return encodeSafetensors(tensors, {
    classes: JSON.stringify(classes),
    ...(temperature !== undefined && { temperature: String(temperature) }),
  });
}

/**
 * A feature matrix with the images that its rows belong to: `features` [N, d] F32, and `paths` U8, the UTF-8 bytes of a
 * JSON list of N strings. A tensor, because metadata would count towards the format's header limit.
 * @param features N × d, row-major
 */
export function encodeFeatures(
  features: Float32Array,
  paths: readonly string[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(paths));
  const columns = features.length / Math.max(1, paths.length);
  return encodeSafetensors(
    new Map<string, StoredTensor>([
      ['features', { dtype: 'F32', shape: [paths.length, columns], data: Float32Array.from(features) }],
      ['paths', { dtype: 'U8', shape: [json.length], data: json }],
    ]),
    metadata,
  );
}
