import type { Initialiser } from '../autograd/parameters.ts';
import { elements } from '../autograd/tensor.ts';
import { fnv1a } from '../formats/fnv1a.ts';
import { Random, streams } from '../random.ts';

/** Starts a tensor with zeros. */
export const zeros: Initialiser = (shape) => new Float32Array(elements(shape));
/** Starts a tensor with ones. */
export const ones: Initialiser = (shape) => zeros(shape).fill(1);

/** Gives every named tensor a random stream of its own. */
const hash = (name: string): number => fnv1a(new TextEncoder().encode(name));

/**
 * Normal with variance 2/fan (He et al. 2015). The stream follows from the tensor's name, so that a model's weights
 * do not depend on which other tensors it has.
 */
export function heNormal(seed: number, name: string, fan: number): Initialiser {
  return normalOf(seed, name, Math.sqrt(2 / fan));
}

/** Normal with a deviation, from the tensor's own stream. */
export function normalOf(seed: number, name: string, std: number): Initialiser {
  return (shape) => {
    const random = new Random(seed, (streams.weights ^ hash(name)) >>> 0);
    return zeros(shape).map(() => std * normal(random));
  };
}

/** Uniform in ±1/√fanIn, PyTorch's default for linear layers and their biases. */
export function uniformFanIn(seed: number, name: string, fanIn: number): Initialiser {
  return (shape) => {
    const random = new Random(seed, (streams.weights ^ hash(name)) >>> 0);
    const bound = 1 / Math.sqrt(fanIn);
    return zeros(shape).map(() => bound * (2 * random.next() - 1));
  };
}

/** One standard normal number (Box & Muller 1958). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
