import { named, RunError, sentence } from '../errors.ts';
import { quote } from '../formats/quote.ts';
import type { StoredTensor } from '../formats/safetensors.ts';
import type { Refuse } from '../nn/family.ts';
import { describeUnsound, firstUnsound } from '../numerics/finite.ts';

/**
 * Holds weights that are about to be written against being numbers: kernels may turn NaN into 0, so a network that is
 * broken can look as if it worked.
 * @param what the weights are of: `the encoder`
 * @throws RunError naming the first tensor that has a number which is not finite
 */
export function requireFiniteWeights(
  what: string,
  tensors: Iterable<readonly [name: string, data: ArrayLike<number>]>,
): void {
  const found = firstUnsound(tensors);
  if (!found) return;
  throw new RunError(
    sentence`${what} is not written: its tensor '${found.name}' is broken, ${describeUnsound(found)}; the training that made it diverged: lower ${named('learningRate')}, or take the weights of an earlier run`,
  );
}

/**
 * Takes one tensor of weights out of a file, in the file's order of elements.
 * @param shape that it must have
 * @param options.mayBeInfinite −∞ is taken too: the bias of a class that is never predicted
 * @throws what `refuse` throws, where the tensor is missing, of another shape, not floating point, or not finite
 */
export function readFloats(
  tensors: ReadonlyMap<string, StoredTensor>,
  name: string,
  shape: readonly number[],
  refuse: Refuse,
  { mayBeInfinite = false } = {},
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
  const data = new Float32Array(stored.data as Float32Array | Float64Array);
  const isVariance = name.endsWith('.running_var');
  const fits = (value: number) =>
    (Number.isFinite(value) || (mayBeInfinite && value === -Infinity)) && !(isVariance && value < 0);
  if (!data.every(fits)) {
    return refuse(`has values in ${quote(name)} that are ${isVariance ? 'no variances' : 'not finite'}`);
  }
  return data;
}
