import type { Parameters } from '../autograd/parameters.ts';
import { toTorch } from '../nn/torchvision.ts';
import { type Probe, probeLayer } from './probe.ts';
import { encodeSafetensors, type StoredTensor } from './safetensors.ts';
import type { SimclrOptions } from './simclr.ts';

/**
 * The encoder's weights and running statistics under torchvision's names and in its layouts (OIHW), as a safetensors
 * file that `torchvision.models.resnet18` loads with `strict=False`: there is no `fc`.
 */
export async function exportEncoder(
  parameters: Parameters,
  metadata: Record<string, string>,
): Promise<Uint8Array> {
  const values = await parameters.read();
  const tensors = new Map<string, StoredTensor>();
  for (const entry of parameters.entries) {
    if (entry.name.startsWith('projector.')) continue;
    const { shape, data } = toTorch(entry, values.get(entry.name)!);
    tensors.set(entry.name, { dtype: 'F32', shape: [...shape], data });
    // PyTorch counts batches beside the running statistics; with a fixed momentum the number is not used.
    if (entry.name.endsWith('.running_var')) {
      const counter = entry.name.replace('running_var', 'num_batches_tracked');
      tensors.set(counter, { dtype: 'I64', shape: [], data: BigInt64Array.of(0n) });
    }
  }
  return encodeSafetensors(tensors, metadata);
}

/** What a reader of an exported encoder must know about it. */
export function encoderMetadata({ encoder, imageSize }: SimclrOptions): Record<string, string> {
  return { method: 'simclr', encoder: JSON.stringify(encoder), imageSize: String(imageSize) };
}

/** A probe as a linear layer on the encoder's raw features: `fc.weight` [classes, features], `fc.bias`. */
export function exportHead(probe: Probe, classes: readonly string[]): Uint8Array {
  const { weight, bias } = probeLayer(probe);
  const columns = weight.length / classes.length;
  const tensors = new Map<string, StoredTensor>([
    ['fc.weight', { dtype: 'F32', shape: [classes.length, columns], data: Float32Array.from(weight) }],
    ['fc.bias', { dtype: 'F32', shape: [classes.length], data: Float32Array.from(bias) }],
  ]);
  return encodeSafetensors(tensors, { classes: JSON.stringify(classes) });
}
