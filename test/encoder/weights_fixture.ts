import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import { encodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import { architectureOf, type EncoderOptions } from '../../src/nn/family_registry.ts';
import { torchShapes } from '../../src/nn/state_dict.ts';
import { fill } from '../oracle.ts';

/** A tensor of floats in PyTorch's layout. */
interface FloatTensor extends StoredTensor {
  readonly dtype: 'F32';
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * Tensors in PyTorch's layout of which no two are alike: convolutions of He's size, batch norms near the identity with
 * running statistics that matter. As `weights` in test/fixtures/encoders.py.
 */
export function tensorsOf(shapes: ReadonlyMap<string, readonly number[]>): Map<string, FloatTensor> {
  const tensors = new Map<string, FloatTensor>();
  for (const [name, shape] of shapes) {
    const count = shape.reduce((a, b) => a * b, 1);
    const isGain = name.endsWith('.running_var') || (shape.length === 1 && name.endsWith('.weight'));
    // Uniform with the variance 2 / (outputs · K²).
    const scale = shape.length === 4 ? Math.sqrt((6 * shape[1]!) / count) : 0.3;
    tensors.set(name, {
      dtype: 'F32',
      shape: [...shape],
      data: fill(name, count, scale, isGain ? 1 : 0) as Float32Array<ArrayBuffer>,
    });
  }
  return tensors;
}

/** A state dict of an encoder, filled so. */
export const stateDict = (options: EncoderOptions): Map<string, StoredTensor> =>
  tensorsOf(torchShapes(architectureOf(options)));

/** The same as a file, with names and tensors changed on the way. */
export function weightsFile(
  options: EncoderOptions,
  change: (tensors: Map<string, StoredTensor>) => void = () => {},
  metadata?: Record<string, string>,
): Uint8Array {
  const tensors = stateDict(options);
  change(tensors);
  return encodeSafetensors(tensors, metadata);
}

/** Renames every tensor; those for which `rename` gives several names or none are copied or left out. */
export const renamed =
  (rename: (name: string) => string | readonly string[]) =>
  (tensors: Map<string, StoredTensor>): void => {
    const entries = [...tensors];
    tensors.clear();
    for (const [name, tensor] of entries) for (const own of [rename(name)].flat()) tensors.set(own, tensor);
  };

/** The message of the UserError that reading throws: one sentence that names the file. */
export function refusal(bytes: Uint8Array, read: (bytes: Uint8Array, file: string) => unknown): string {
  try {
    read(bytes, 'w.safetensors');
  } catch (error) {
    assert.instance(error, UserError);
    const { message } = error as UserError;
    assert.match(message, /^w\.safetensors /);
    return message;
  }
  return assert.unreachable('it was read') as never;
}

/** The beginning of a file's SHA-256. */
export async function digest(file: Uint8Array): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', Uint8Array.from(file));
  return Buffer.from(bytes).toString('hex').slice(0, 16);
}
