import { encodeSafetensors, type StoredTensor } from '../formats/safetensors.ts';
import { decodeTensorFile } from '../formats/tensor_file.ts';
import { architectureOf } from '../nn/family_registry.ts';
import { torchTensors } from '../nn/state_dict.ts';
import { type EncoderNotes, encoderMetadata } from './metadata.ts';
import { readEncoder } from './names/read_encoder.ts';
import type { StatedOptions, Weights } from './names/weights.ts';
import { requireFiniteWeights } from './stored_floats.ts';

export type { StatedOptions, Weights };

/**
 * An encoder's weights and running statistics under torchvision's names and in its layouts (OIHW), as a safetensors
 * file that `torchvision.models.resnet18` loads with `strict=False`: there is no `fc`.
 * @param tensors in the engine's layout, by name, as `Parameters.read` and `readWeights` give them; others than the
 * encoder's are left out
 * @throws RangeError where a tensor of the encoder is missing; RunError where a number is not finite
 */
export function encodeWeights(tensors: ReadonlyMap<string, Float32Array>, notes: EncoderNotes): Uint8Array {
  const stored = new Map<string, StoredTensor>();
  const own = torchTensors(architectureOf(notes.encoder), tensors);
  requireFiniteWeights(
    'the encoder',
    Array.from(own, ([name, { data }]) => [name, data] as const),
  );
  for (const [name, { shape, data }] of own) {
    stored.set(name, { dtype: 'F32', shape: [...shape], data });
    // PyTorch counts batches beside the running statistics; with a fixed momentum the number is not used.
    if (name.endsWith('.running_var')) {
      const counter = name.replace('running_var', 'num_batches_tracked');
      stored.set(counter, { dtype: 'I64', shape: [], data: BigInt64Array.of(0n) });
    }
  }
  return encodeSafetensors(stored, encoderMetadata(notes));
}

/**
 * Reads an encoder's weights from a file of any kind that `decodeTensorFile` knows: our own, or a state dict saved by
 * others, under torchvision's names or others that are known, behind any prefixes, beside any other tensors. Where it
 * holds several encoders, the one that its makers evaluate is taken, and `source` says which. The architecture follows
 * from names and shapes; what these do not tell is as in torchvision, or as `stated` or our own metadata say.
 *
 * Pixels are normalised as the metadata's `normalise` says (`{"mean":[r,g,b],"std":[r,g,b]}`), else as the model's own
 * buffers do, else by `pixelScale` for our own files and as the family's published weights want it for others'.
 * @param file its name, for error messages
 * @param stated options that shapes do not tell, such as `{ stride: 'v1' }`, where somebody knows them
 * @throws UserError where it is no such file, saying what it holds, or which tensors are missing, left over or unfit
 */
export function readWeights(bytes: Uint8Array, file: string, stated: StatedOptions = {}): Weights {
  return readEncoder(decodeTensorFile(bytes, file), file, stated);
}
