import type { Candidate, Problem } from '../gpu/choices.ts';
import type { Gpu } from '../gpu/device.ts';
import { halfToNumber, toHalves } from '../gpu/half.ts';
import type { Program } from '../gpu/program.ts';
import type { Storage } from '../gpu/storage.ts';
import { buildCandidate, type Stopwatch, stopwatch } from '../gpu/timing.ts';
import { Random } from '../random.ts';

export interface SearchOptions {
  /** Default: the adapter's own clock. */
  readonly clock?: Stopwatch;
  /** Whether time is up: the search then ends without a result. */
  readonly isLate?: () => boolean;
  /** Kernels that are not to be believed; those that this search finds are added. */
  readonly refused?: Set<string>;
  /** Hears of a candidate that failed to compile or differed from the twin. */
  readonly onRefused?: (message: string) => void;
}

export interface SearchResult {
  readonly best: string;
  /** Median milliseconds of one call, of the candidates that were timed to the end. */
  readonly milliseconds: ReadonlyMap<string, number>;
}

/** A candidate that agreed with the twin, as a program that lasts long enough to be timed. */
interface Entrant {
  readonly candidate: Candidate;
  readonly program: Program;
  readonly repeats: number;
  readonly samples: number[];
}

/** Programs shorter than this repeat their kernels, in milliseconds. */
const shortest = 5;
const mostRepeats = 128;
const rounds = 7;
/** A candidate whose best time is so many times the best of all is timed no further. */
const farBehind = 1.25;
/** A form that takes no more than this times the best form's time may still win by handing its work out in another way. */
const close = 1.15;
/** A candidate takes the place of the one before it where its time is less than this share: less could be chance. */
const clearly = 0.95;

/**
 * Finds the fastest of a problem's candidates: first among its forms, then among the best ones' ways of handing out their
 * work. Each must give what the twin gives, on random numbers, before it is timed; they are timed in turns.
 * @returns undefined where time was up, or no candidate agreed with the twin
 */
export async function search(
  gpu: Gpu,
  problem: Problem,
  options: SearchOptions = {},
): Promise<SearchResult | undefined> {
  const run = new Search(gpu, problem, options);
  try {
    return await run.find();
  } finally {
    run.destroy();
  }
}

/** Thrown inside a search. */
class TimeIsUp extends Error {}

class Search {
  readonly #gpu: Gpu;
  readonly #problem: Problem;
  readonly #clock: Stopwatch;
  readonly #options: SearchOptions;
  readonly #buffers = new Map<string, Storage>();
  readonly #entrants = new Map<string, Entrant>();
  #expected: Float32Array = new Float32Array();

  constructor(gpu: Gpu, problem: Problem, options: SearchOptions) {
    this.#gpu = gpu;
    this.#problem = problem;
    this.#clock = options.clock ?? stopwatch(gpu);
    this.#options = options;
  }

  async find(): Promise<SearchResult | undefined> {
    const { buffers, candidates, twin } = this.#problem;
    try {
      let seed = 0;
      for (const [name, count] of Object.entries(buffers)) {
        const data = this.#stored(name, randomNumbers(count, seed++));
        this.#buffers.set(name, this.#gpu.storage(name, data.byteLength, data));
      }
      const plain = await buildCandidate(this.#gpu, twin, this.#buffers);
      this.#expected = await this.#result(plain);
      plain.destroy();
      const form = await this.#race(candidates.filter(({ name, form }) => name === form));
      if (!form) return undefined;
      const near = this.#timed().filter((entrant) => timeOf(entrant) < close * timeOf(form));
      const forms = new Set(near.map(({ candidate }) => candidate.form));
      const others = candidates.filter((other) => forms.has(other.form) && other.name !== other.form);
      const best = (await this.#race([form.candidate, ...distinct(form.candidate, others)]))!;
      const milliseconds = new Map(this.#timed().map((entrant) => [entrant.candidate.name, timeOf(entrant)]));
      return { best: best.candidate.name, milliseconds };
    } catch (error) {
      if (error instanceof TimeIsUp) return undefined;
      throw error;
    }
  }

  /** Those that were timed to the end. */
  #timed(): Entrant[] {
    return [...this.#entrants.values()].filter(({ samples }) => samples.length >= rounds);
  }

  /** The fastest; the first, unless another is clearly faster. */
  async #race(candidates: readonly Candidate[]): Promise<Entrant | undefined> {
    const all: Entrant[] = [];
    for (const candidate of candidates) {
      const entrant = await this.#enter(candidate);
      if (entrant) all.push(entrant);
    }
    const first = all[0];
    if (!first) return undefined;
    let running = all;
    for (let round = 0; round < rounds; round++) {
      for (const entrant of running) {
        if (this.#options.isLate?.()) throw new TimeIsUp();
        entrant.samples.push((await this.#clock(entrant.program)) / entrant.repeats);
      }
      // One time alone may be the machine's other work.
      if (round === 0) continue;
      const best = Math.min(...running.map(leastTime));
      running = running.filter((entrant) => entrant === first || leastTime(entrant) < farBehind * best);
    }
    const fastest = running.reduce((a, b) => (timeOf(b) < timeOf(a) ? b : a));
    return timeOf(fastest) < clearly * timeOf(first) ? fastest : first;
  }

  /** Compiles a candidate and holds it against the twin; undefined where it is refused. */
  async #enter(candidate: Candidate): Promise<Entrant | undefined> {
    const known = this.#entrants.get(candidate.name);
    if (known) return known;
    if (this.#options.isLate?.()) throw new TimeIsUp();
    const kernel = kernelOf(candidate);
    if (this.#options.refused?.has(kernel)) return undefined;
    let once: Program;
    try {
      once = await buildCandidate(this.#gpu, candidate, this.#buffers);
      const problem = this.#difference(await this.#result(once));
      if (problem) {
        once.destroy();
        throw new Error(problem);
      }
    } catch (error) {
      // Of a kernel that does not compile the device reports more than one error.
      await this.#gpu.idle().catch(() => {});
      this.#options.refused?.add(kernel);
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.onRefused?.(`${this.#problem.key}: ${candidate.name} is not used: ${reason}`);
      return undefined;
    }
    const entrant = await this.#prepare(candidate, once);
    this.#entrants.set(candidate.name, entrant);
    return entrant;
  }

  async #prepare(candidate: Candidate, once: Program): Promise<Entrant> {
    const time = await this.#clock(once);
    const repeats = Math.min(mostRepeats, Math.max(1, Math.ceil(shortest / Math.max(time, 1e-3))));
    if (repeats === 1) return { candidate, program: once, repeats, samples: [] };
    once.destroy();
    const program = await buildCandidate(this.#gpu, candidate, this.#buffers, repeats);
    return { candidate, program, repeats, samples: [] };
  }

  /** Runs a program on an output of ones, so that what it leaves unwritten shows, and reads it. */
  async #result(program: Program): Promise<Float32Array> {
    const { output, buffers } = this.#problem;
    const storage = this.#buffers.get(output)!;
    this.#gpu.write(storage, this.#stored(output, new Float32Array(buffers[output]!).fill(1)));
    program.run();
    const [bytes] = await this.#gpu.read([storage]);
    if (!this.#isHalf(output)) return new Float32Array(bytes!);
    return Float32Array.from(new Uint16Array(bytes!, 0, buffers[output]!), halfToNumber);
  }

  #isHalf(buffer: string): boolean {
    return this.#problem.halves.includes(buffer);
  }

  /** Numbers as a buffer holds them. */
  #stored(buffer: string, numbers: Float32Array): Float32Array | Uint16Array {
    return this.#isHalf(buffer) ? toHalves(numbers) : numbers;
  }

  /**
   * What is wrong with a result. The rounding errors of T products of numbers around zero grow like T, as do those
   * sums' squares; so relative to the largest entry, about 1.5·√T, they stay within a few √T units in the last place.
   * Where f16 takes part, a result is rounded to it, up to a step of 2⁻¹⁰ from another, and so may every weight be: half
   * a step each, of which those of a sum come to less than another step.
   */
  #difference(actual: Float32Array): string | undefined {
    const largest = this.#expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const halfSteps = this.#problem.halves.length > 0 ? 2 ** -9 : 0;
    const allowed = (4 * 2 ** -23 * Math.sqrt(this.#problem.terms) + halfSteps) * largest;
    for (let i = 0; i < actual.length; i++) {
      const difference = Math.abs(actual[i]! - this.#expected[i]!);
      // What is not a number is not smaller either.
      if (!(difference <= allowed))
        return `it differs from the plain kernel by ${(difference / largest).toExponential(1)} of the largest value`;
    }
    return undefined;
  }

  destroy(): void {
    for (const { program } of this.#entrants.values()) program.destroy();
    for (const { buffer } of this.#buffers.values()) this.#gpu.destroyBuffer(buffer);
  }
}

const leastTime = ({ samples }: Entrant): number => Math.min(...samples);

const timeOf = ({ samples }: Entrant): number => samples.toSorted((a, b) => a - b)[samples.length >> 1]!;

function kernelOf({ steps }: Candidate): string {
  const { shader, entry, constants } = steps[0]!.launch;
  return `${shader.name}.${entry} ${JSON.stringify(constants)}`;
}

/** Those that hand out the work in another way than `first` and one another. */
function distinct(first: Candidate, others: readonly Candidate[]): Candidate[] {
  const work = ({ steps }: Candidate) =>
    JSON.stringify(steps.map(({ launch }) => [launch.params, launch.grid]));
  const seen = new Set([work(first)]);
  return others.filter((candidate) => {
    const own = work(candidate);
    return !seen.has(own) && seen.add(own);
  });
}

/** A length that is no multiple of any tile, after which the numbers repeat: drawing millions would take seconds. */
const period = 65_521;

/** Uniform in [−1, 1). */
function randomNumbers(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  const drawn = Float32Array.from({ length: Math.min(period, count) }, () => 2 * random.next() - 1);
  const all = new Float32Array(count);
  for (let start = 0; start < count; start += period)
    all.set(drawn.subarray(0, Math.min(period, count - start)), start);
  return all;
}
