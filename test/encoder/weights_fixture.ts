import { encodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import type { ResNetOptions } from '../../src/nn/resnet.ts';
import { torchShapes } from '../../src/nn/torchvision.ts';
import { fill } from '../oracle.ts';

/**
 * A state dict in PyTorch's layout with no two tensors alike: convolutions of He's size, batch norms near the identity
 * with running statistics that matter.
 */
export function stateDict(options: ResNetOptions): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shape] of torchShapes(options)) {
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

/** The same as a file, with names and tensors changed on the way. */
export function weightsFile(
  options: ResNetOptions,
  change: (tensors: Map<string, StoredTensor>) => void = () => {},
  metadata?: Record<string, string>,
): Uint8Array {
  const tensors = stateDict(options);
  change(tensors);
  return encodeSafetensors(tensors, metadata);
}
