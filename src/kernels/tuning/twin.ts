import type { Gpu } from '../../gpu/device.ts';
import type { Program } from '../../gpu/program.ts';
import type { Storage } from '../../gpu/storage.ts';
import { toHalves, toNumbers } from '../../numerics/half.ts';
import { Random } from '../../random.ts';
import { buildCandidate, type Problem } from './problem.ts';

/** A problem's buffers, full of random numbers, and what its plain twin makes of them. */
export class Twin {
  /** The problem's buffers by name. */
  readonly buffers = new Map<string, Storage>();
  readonly #gpu: Gpu;
  readonly #problem: Problem;
  /** What the output holds before a run, so that what a run leaves unwritten shows. */
  readonly #unwritten: Float32Array | Uint16Array;
  #expected: Float32Array = new Float32Array();
  #largest = 0;

  private constructor(gpu: Gpu, problem: Problem) {
    this.#gpu = gpu;
    this.#problem = problem;
    this.#unwritten = this.#filled(problem.output, Float32Array.of(1));
  }

  /** Runs the twin. @throws Error where there is no memory for the buffers */
  static async create(gpu: Gpu, problem: Problem): Promise<Twin> {
    const made = new Twin(gpu, problem);
    try {
      let seed = 0;
      for (const name of Object.keys(problem.buffers)) {
        const data = made.#filled(name, randomNumbers(seed++));
        made.buffers.set(name, gpu.storage(name, data.byteLength, data));
      }
      const plain = await buildCandidate(gpu, problem.twin, made.buffers);
      made.#expected = await made.#resultOf(plain);
      made.#largest = made.#expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      plain.destroy();
      return made;
    } catch (error) {
      made.destroy();
      throw error;
    }
  }

  /**
   * Runs a candidate's program and says in what it differs, if in anything. The rounding errors of a sum of T products
   * of numbers around zero grow like T, the largest of many such sums like √T, to about 1.5·√T: relative to it, errors
   * stay within a few √T units in the last place. Where f16 takes part, a result is rounded to it, up to a step of 2⁻¹⁰
   * from another, and so may every weight be: half a step each, of which those of a sum come to less than another step.
   */
  async disagreement(program: Program): Promise<string | undefined> {
    const actual = await this.#resultOf(program);
    const { terms, halves } = this.#problem;
    const halfSteps = halves.length > 0 ? 2 ** -9 : 0;
    const allowed = (4 * 2 ** -23 * Math.sqrt(terms) + halfSteps) * this.#largest;
    for (let i = 0; i < actual.length; i++) {
      const difference = Math.abs(actual[i]! - this.#expected[i]!);
      // What is not a number is not smaller either.
      if (!(difference <= allowed))
        return `it differs from the plain kernel by ${(difference / this.#largest).toExponential(1)} of the largest value`;
    }
    return undefined;
  }

  /** The output of a run. */
  async #resultOf(program: Program): Promise<Float32Array> {
    const { output, buffers } = this.#problem;
    const storage = this.buffers.get(output)!;
    this.#gpu.write(storage, this.#unwritten);
    program.run();
    const [bytes] = await this.#gpu.read([storage]);
    if (!this.#isHalf(output)) return new Float32Array(bytes!);
    return toNumbers(new Uint16Array(bytes!, 0, buffers[output]!));
  }

  #isHalf(buffer: string): boolean {
    return this.#problem.halves.includes(buffer);
  }

  /** All that a buffer is to hold: the numbers over and over. */
  #filled(buffer: string, numbers: Float32Array): Float32Array | Uint16Array {
    const count = this.#problem.buffers[buffer]!;
    if (!this.#isHalf(buffer)) return repeat(numbers, new Float32Array(count));
    // WebGPU writes whole words.
    return repeat(toHalves(numbers).subarray(0, numbers.length), new Uint16Array(count + (count % 2)));
  }

  /** Gives the buffers back. */
  destroy(): void {
    for (const { buffer } of this.buffers.values()) this.#gpu.destroyBuffer(buffer);
  }
}

/** A length that is no multiple of any tile, after which the numbers repeat: drawing millions would take seconds. */
const period = 65_521;

/** Uniform in [−1, 1). */
function randomNumbers(seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: period }, () => 2 * random.next() - 1);
}

function repeat<Numbers extends Float32Array | Uint16Array>(numbers: Numbers, all: Numbers): Numbers {
  all.set(numbers.subarray(0, all.length));
  for (let done = numbers.length; done < all.length; done *= 2) all.copyWithin(done, 0, done);
  return all;
}
