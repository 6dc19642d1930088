import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { createEncoder, type Encoder } from '../nn/encoder.ts';
import { architectureOf } from '../nn/family_registry.ts';
import type { Weights } from './encoder_weights.ts';

/** An encoder on the GPU, with its tensors. */
export interface LoadedEncoder extends Encoder {
  /** The encoder's tensors. */
  readonly parameters: Parameters;
}

/**
 * Makes the network that weights belong to and gives it to them. `parameters.destroy()` gives the memory back.
 * @throws RangeError where a tensor is missing from the architecture or has another size
 */
export function loadEncoder(
  engine: Engine,
  { encoder, tensors }: Pick<Weights, 'encoder' | 'tensors'>,
): LoadedEncoder {
  const parameters = engine.parameters();
  // The seed says nothing: all is overwritten.
  const made = createEncoder({ parameters, seed: 0 }, architectureOf(encoder));
  for (const [name, data] of tensors) parameters.write(name, data);
  return { ...made, parameters };
}
