import type { Gpu } from '../../gpu/device.ts';
import type { Program } from '../../gpu/program.ts';
import { type Stopwatch, stopwatch } from '../../gpu/stopwatch.ts';
import { buildCandidate, type Candidate, type Problem } from './problem.ts';
import { Twin } from './twin.ts';

/** How a search takes its times, when it must end, and what it tells. */
export interface SearchOptions {
  /** Default: the adapter's own clock. */
  readonly clock?: Stopwatch;
  /** Whether time is up: the search then ends with the fastest form, if all were timed, else without a result. */
  readonly isLate?: () => boolean;
  /** Kernels that are not to be believed; those that this search finds are added. */
  readonly refused?: Set<string>;
  /** Hears in one line of a candidate that failed to compile or differed from the twin. */
  readonly onRefused?: (message: string) => void;
}

/** What a search found. */
export interface SearchResult {
  /** The name of the candidate to choose. */
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
/** In bytes: a form whose partial results take more would not be fast, and might not fit beside a model. */
const mostScratch = 1 << 26;
const rounds = 7;
/** A candidate whose best time is so many times the best of all is timed no further. */
const farBehind = 1.25;
/**
 * A form that takes no more than this times the best form's time may still win by handing its work out in another way.
 */
const close = 1.15;
/** A candidate takes the place of the one before it where its time is less than this share: less could be chance. */
const clearly = 0.95;

/**
 * Finds the fastest of a problem's candidates: first among its forms, then among the best ones' ways of handing out
 * their work. Each must give what the twin gives, on random numbers, before it is timed; they are timed in turns.
 * @returns undefined where time was up before all forms were timed, or no candidate agreed with the twin
 */
export async function search(
  gpu: Gpu,
  problem: Problem,
  options: SearchOptions = {},
): Promise<SearchResult | undefined> {
  const twin = await Twin.create(gpu, problem);
  const run = new Search(gpu, problem, twin, options);
  try {
    return await run.find();
  } finally {
    run.destroy();
    twin.destroy();
  }
}

/** Thrown inside a search. */
class TimeIsUp extends Error {}

class Search {
  readonly #gpu: Gpu;
  readonly #problem: Problem;
  readonly #clock: Stopwatch;
  readonly #options: SearchOptions;
  readonly #twin: Twin;
  readonly #entrants = new Map<string, Entrant>();

  constructor(gpu: Gpu, problem: Problem, twin: Twin, options: SearchOptions) {
    this.#gpu = gpu;
    this.#twin = twin;
    this.#problem = problem;
    this.#clock = options.clock ?? stopwatch(gpu);
    this.#options = options;
  }

  async find(): Promise<SearchResult | undefined> {
    const { candidates } = this.#problem;
    const own = candidates.filter(({ name, form }) => name === form);
    await this.#compileAhead(own);
    let best: Entrant | undefined;
    try {
      const form = await this.#race(own);
      if (!form) return undefined;
      best = form;
      const near = this.#timed().filter((entrant) => timeOf(entrant) < close * timeOf(form));
      const forms = new Set(near.map(({ candidate }) => candidate.form));
      const others = candidates.filter(
        ({ name, form, scratch }) => forms.has(form) && name !== form && 4 * scratch <= mostScratch,
      );
      best = (await this.#race([form.candidate, ...distinct(form.candidate, others)]))!;
    } catch (error) {
      if (!(error instanceof TimeIsUp)) throw error;
      if (!best) return undefined;
    }
    const milliseconds = new Map(this.#timed().map((entrant) => [entrant.candidate.name, timeOf(entrant)]));
    return { best: best.candidate.name, milliseconds };
  }

  /** A graphics card's driver compiles on several threads, and what it compiles for a search is much. */
  async #compileAhead(candidates: readonly Candidate[]): Promise<void> {
    if (this.#gpu.capabilities.driver !== 'gpu') return;
    const launches = candidates.flatMap(({ steps }) => steps).map(({ launch }) => launch);
    // Whether one compiles is seen when its turn comes; the device's report of it must not meet another.
    await this.#gpu.wait(Promise.allSettled(launches.map((launch) => this.#gpu.pipelines.get(launch))));
    await this.#gpu.idle().catch(() => {});
  }

  /** The candidates that were timed to the end. */
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
    let once: Program | undefined;
    try {
      once = await buildCandidate(this.#gpu, candidate, this.#twin.buffers);
      const problem = await this.#twin.disagreement(once);
      if (problem) throw new Error(problem);
    } catch (error) {
      once?.destroy();
      // Of a kernel that does not compile the device reports more than one error.
      await this.#gpu.idle().catch(() => {});
      this.#options.refused?.add(kernel);
      this.#options.onRefused?.(`${this.#problem.key}: ${candidate.name} is not used: ${firstLine(error)}`);
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
    const program = await buildCandidate(this.#gpu, candidate, this.#twin.buffers, repeats);
    return { candidate, program, repeats, samples: [] };
  }

  destroy(): void {
    for (const { program } of this.#entrants.values()) program.destroy();
  }
}

/** The first line of an error's message: Dawn goes on with the kernel's text and what called it. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().split('\n')[0]!;

const leastTime = ({ samples }: Entrant): number => Math.min(...samples);

const timeOf = ({ samples }: Entrant): number => samples.toSorted((a, b) => a - b)[samples.length >> 1]!;

function kernelOf({ steps }: Candidate): string {
  const { shader, entry, constants } = steps[0]!.launch;
  return `${shader.name}.${entry} ${JSON.stringify(constants)}`;
}

/** The candidates that hand out the work in another way than `first`, and than one another. */
function distinct(first: Candidate, others: readonly Candidate[]): Candidate[] {
  const work = (candidate: Candidate) =>
    kernelOf(candidate) + JSON.stringify(candidate.steps.map(({ launch }) => [launch.params, launch.grid]));
  const seen = new Set([work(first)]);
  return others.filter((candidate) => {
    const own = work(candidate);
    return !seen.has(own) && seen.add(own);
  });
}
