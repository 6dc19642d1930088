import type { Gpu } from '../../gpu/device.ts';
import type { Launch } from '../../gpu/launch.ts';
import { Program } from '../../gpu/program.ts';
import { Recording } from '../../gpu/recording.ts';
import type { Storage } from '../../gpu/storage.ts';

/** One way to compute a problem. */
export interface Candidate {
  /** Short and stable: choices are stored by it. */
  readonly name: string;
  /**
   * Candidates of one form run the same kernels and differ in what they hand them: the form's own one bears its name.
   */
  readonly form: string;
  /** Kernel calls in order; their bindings name buffers of the problem, or `scratch`. */
  readonly steps: readonly {
    readonly launch: Launch;
    readonly bindings: Readonly<Record<string, string>>;
  }[];
  /** Elements (f32) of the buffer `scratch`. */
  readonly scratch: number;
}

/** Something that several kernels compute, so that the fastest can be found. */
export interface Problem {
  /** Class of shapes, which all share one choice. */
  readonly key: string;
  /** Products of the longest sum that makes an output, which sets how far candidates may differ. */
  readonly terms: number;
  /** Elements of each buffer by name. */
  readonly buffers: Readonly<Record<string, number>>;
  /** Buffers of f16; the others are f32. */
  readonly halves: readonly string[];
  /** The buffer with the result. */
  readonly output: string;
  /** The first is what runs where nothing is known. */
  readonly candidates: readonly [Candidate, ...Candidate[]];
  /** The plain form, which every candidate must agree with. */
  readonly twin: Candidate;
}

/**
 * A candidate as a program on the given buffers.
 * @param repeats calls in one run of it
 * @throws Error where a kernel does not compile; RangeError where a binding names no buffer
 */
export function buildCandidate(
  gpu: Gpu,
  { name, steps, scratch }: Candidate,
  buffers: ReadonlyMap<string, Storage>,
  repeats = 1,
): Promise<Program> {
  const recording = new Recording();
  const own = scratch > 0 ? recording.plan(`scratch of ${name}`, 4 * scratch) : undefined;
  const find = (buffer: string): Storage => {
    const storage = buffer === 'scratch' ? own : buffers.get(buffer);
    if (!storage) throw new RangeError(`${name}: there is no buffer '${buffer}'`);
    return storage;
  };
  for (let call = 0; call < repeats; call++) {
    for (const { launch, bindings } of steps) {
      const bound = Object.entries(bindings).map(([wgsl, buffer]) => [wgsl, find(buffer)] as const);
      recording.dispatch(launch, Object.fromEntries(bound));
    }
  }
  return Program.build(gpu, recording);
}
