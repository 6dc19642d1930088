import { named, sentence, UserError } from '../errors.ts';
import type { Gpu, ProgramNeeds } from './device.ts';
import { planMemory } from './memory_plan.ts';
import type { Pipeline } from './pipeline.ts';
import type { Command, HostStep, Recording } from './recording.ts';
import { type Binding, encodeUniform } from './shader.ts';
import { align } from './storage.ts';
import { aroundPass, millisecondsOf, readTimestamps } from './timestamps.ts';

/** Called while pipelines compile: how many of how many are ready. */
export type CompileProgress = (done: number, total: number) => void;

interface Step {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly grid: readonly [number, number, number];
}

/** The steps of a program, the buffers that they touch and which of them prepare. */
interface Plan {
  /** The preparation's come first. */
  readonly steps: readonly Step[];
  /** How many of them prepare. */
  readonly prepared: number;
  /** What the host does between those that do not. */
  readonly hostSteps: readonly HostStep[];
  /** What the preparation reads that is not the program's own. */
  readonly sources: readonly GPUBuffer[];
  /** What the program writes. */
  readonly written: readonly GPUBuffer[];
}

/**
 * A recording made ready: memory planned, pipelines compiled, bind groups built. Each run replays the same list, without
 * the preparation where an earlier run made it and nothing has written into what it reads.
 */
export class Program {
  readonly #gpu: Gpu;
  readonly #plan: Plan;
  /** Versions of what the preparation read. */
  #seen: readonly number[] | undefined;
  readonly #owned: readonly GPUBuffer[];
  /** Bytes that intermediates take, shared by lifetime. */
  readonly plannedBytes: number;
  #runs = 0;

  private constructor(gpu: Gpu, plan: Plan, owned: readonly GPUBuffer[], plannedBytes: number) {
    this.#gpu = gpu;
    this.#plan = plan;
    this.#owned = owned;
    this.plannedBytes = plannedBytes;
  }

  /**
   * Gives a recording memory and pipelines.
   * @param onProgress hears how many of its kernels are compiled
   * @throws UserError where an intermediate, or a grid of workgroups, is larger than the adapter allows, or all of them than
   *   what is free of the memory of a software adapter; RangeError where a kernel call lacks a buffer
   */
  static async build(gpu: Gpu, recording: Recording, onProgress?: CompileProgress): Promise<Program> {
    const { storages, lifetimes } = recording.lifetimes();
    const commands = [...recording.preparation, ...recording.commands];
    for (const { label, bytes } of storages) gpu.requireRoom(label, bytes);
    for (const command of commands) requireGrid(gpu, command);
    const plan = planMemory(lifetimes);
    const planned = plan.buffers.reduce((sum, bytes) => sum + align(bytes), 0);
    gpu.memory.reserve(planned);
    const pipelines = await compileAll(gpu, commands, onProgress);
    const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = GPUBufferUsage;
    const buffers = plan.buffers.map((bytes, i) =>
      gpu.createBuffer(`planned ${i}`, bytes, STORAGE | COPY_SRC | COPY_DST),
    );
    storages.forEach((storage, i) => {
      storage.place(buffers[plan.assignment[i]!]!, 0);
    });
    const uniforms = uniformBlocks(commands, pipelines);
    const uniformBuffer = gpu.createBuffer('params', uniforms.bytes.byteLength, UNIFORM | COPY_DST);
    gpu.device.queue.writeBuffer(uniformBuffer, 0, uniforms.bytes);
    const steps = commands.map((command, i) => {
      const pipeline = pipelines[i]!;
      const entries = pipeline.bindings.map(({ name, binding, type, uniform }) => {
        if (type === 'uniform') {
          const size = Math.ceil(uniform!.size / 16) * 16;
          return { binding, resource: { buffer: uniformBuffer, offset: uniforms.offsets[i]!, size } };
        }
        const storage = command.bindings[name];
        if (!storage) throw new RangeError(`${pipeline.label}: no buffer is bound to '${name}'`);
        const { buffer, offset, bytes } = storage;
        return { binding, resource: { buffer, offset, size: Math.ceil(bytes / 16) * 16 } };
      });
      const group = gpu.device.createBindGroup({ label: pipeline.label, layout: pipeline.layout, entries });
      return { label: describe(command), pipeline: pipeline.pipeline, group, grid: command.launch.grid };
    });
    gpu.check();
    const prepared = recording.preparation.length;
    const written = buffersOf('storage', commands, pipelines);
    const sources = buffersOf('read-only-storage', recording.preparation, pipelines).filter(
      (buffer) => !buffers.includes(buffer),
    );
    return new Program(
      gpu,
      { steps, prepared, hostSteps: recording.hostSteps, sources, written },
      [...buffers, uniformBuffer],
      planned,
    );
  }

  /** Kernel calls of one run that prepares. */
  get dispatches(): number {
    return this.#plan.steps.length;
  }

  /**
   * Submits the whole list: one encoder, one pass. Returns before the GPU has finished.
   * @returns where the host has work between kernel calls: a promise that all is submitted, which another run waits for
   */
  run(): Promise<void> | undefined {
    this.#settle();
    const { steps, prepared, hostSteps, sources } = this.#plan;
    const versions = sources.map((buffer) => this.#gpu.versionOf(buffer));
    const isPrepared = this.#seen?.every((version, i) => version === versions[i]) ?? false;
    this.#seen = versions;
    const due = isPrepared ? steps.slice(prepared) : steps;
    if (hostSteps.length > 0) return this.#runAround(hostSteps, due);
    this.#submit(due);
    this.#noteWrites();
    return undefined;
  }

  /** Submits the calls in front of each work of the host, does that, and submits the rest. */
  async #runAround(hostSteps: readonly HostStep[], steps: readonly Step[]): Promise<void> {
    const first = steps.length - (this.#plan.steps.length - this.#plan.prepared);
    let begin = 0;
    for (const { behind, work } of hostSteps) {
      const end = first + behind;
      if (end > begin) this.#submit(steps.slice(begin, end));
      await work(this.#gpu);
      begin = end;
    }
    if (steps.length > begin) this.#submit(steps.slice(begin));
    this.#noteWrites();
  }

  #submit(steps: readonly Step[]): void {
    const encoder = this.#gpu.device.createCommandEncoder();
    encodePass(encoder, steps);
    this.#gpu.device.queue.submit([encoder.finish()]);
  }

  /** Encodes the whole list as one pass, without what the host does in between. */
  encode(encoder: GPUCommandEncoder, descriptor?: GPUComputePassDescriptor): void {
    this.#settle();
    encodePass(encoder, this.#plan.steps, descriptor);
    this.#noteWrites();
  }

  /** By the second run the first has touched all buffers. */
  #settle(): void {
    if (++this.#runs === 2) this.#gpu.memory.settle(this.plannedBytes);
  }

  #noteWrites(): void {
    for (const buffer of this.#plan.written) this.#gpu.noteWrite(buffer);
  }

  /**
   * Runs once with a timestamp around every dispatch, without what the host does in between.
   * @returns milliseconds of each kernel call, in order; an empty list where the adapter has no timestamps
   */
  async profile(): Promise<{ label: string; milliseconds: number }[]> {
    if (!this.#gpu.capabilities.features.has('timestamp-query')) return [];
    // A query set holds at most 4096 timestamps, two for each dispatch.
    const perSet = 2048;
    const times: { label: string; milliseconds: number }[] = [];
    for (let start = 0; start < this.#plan.steps.length; start += perSet) {
      const steps = this.#plan.steps.slice(start, start + perSet);
      const timestamps = await readTimestamps(this.#gpu, 2 * steps.length, (encoder, querySet) => {
        steps.forEach((step, i) => {
          encodePass(encoder, [step], aroundPass(querySet, i));
        });
      });
      steps.forEach(({ label }, i) => {
        times.push({ label, milliseconds: millisecondsOf(timestamps, i) });
      });
    }
    this.#noteWrites();
    return times;
  }

  /** Gives the planned memory back; the program cannot run afterwards. */
  destroy(): void {
    if (this.#runs < 2) this.#gpu.memory.settle(this.plannedBytes);
    for (const buffer of this.#owned) this.#gpu.destroyBuffer(buffer);
  }
}

function encodePass(
  encoder: GPUCommandEncoder,
  steps: readonly Step[],
  descriptor?: GPUComputePassDescriptor,
): void {
  const pass = encoder.beginComputePass(descriptor);
  let current: GPUComputePipeline | undefined;
  for (const { pipeline, group, grid } of steps) {
    if (pipeline !== current) pass.setPipeline((current = pipeline));
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
  }
  pass.end();
}

/** The buffers of commands that their kernels bind in one way, each once. */
function buffersOf(
  type: Binding['type'],
  commands: readonly Command[],
  pipelines: readonly Pipeline[],
): GPUBuffer[] {
  const buffers = commands.flatMap(({ bindings }, i) =>
    pipelines[i]!.bindings.filter((binding) => binding.type === type).map(
      ({ name }) => bindings[name]!.buffer,
    ),
  );
  return [...new Set(buffers)];
}

function requireGrid(gpu: Gpu, command: Command): void {
  const limit = gpu.largestGrid;
  const most = Math.max(...command.launch.grid);
  if (most <= limit) return;
  throw new UserError(
    sentence`'${describe(command)}' needs ${most} workgroups along one axis and this adapter allows ${limit}: lower ${named('batch')} or ${named('imageSize')}`,
  );
}

/** What a recording would ask of an adapter as a program; gives it no memory. */
export function needsOf(recording: Recording): ProgramNeeds {
  const commands = [...recording.preparation, ...recording.commands];
  return {
    buffers: planMemory(recording.lifetimes().lifetimes).buffers,
    workgroups: commands.reduce((most, { launch }) => Math.max(most, ...launch.grid), 0),
  };
}

const describe = ({ launch }: Command): string => `${launch.shader.name}.${launch.entry}`;

async function compileAll(
  gpu: Gpu,
  commands: readonly Command[],
  onProgress?: CompileProgress,
): Promise<Pipeline[]> {
  const pending = commands.map((command) => gpu.pipelines.get(command.launch));
  const distinct = new Set(pending);
  let done = 0;
  for (const pipeline of distinct) pipeline.then(() => onProgress?.(++done, distinct.size)).catch(() => {});
  return gpu.wait(Promise.all(pending));
}

/** All uniforms of a program in one buffer, each at an offset that every adapter accepts. */
function uniformBlocks(commands: readonly Command[], pipelines: readonly Pipeline[]) {
  const offsets: number[] = [];
  const blocks: ArrayBuffer[] = [];
  let total = 0;
  commands.forEach((command, i) => {
    const binding = pipelines[i]!.bindings.find(({ type }) => type === 'uniform');
    offsets.push(total);
    if (!binding) return;
    blocks.push(encodeUniform(binding, command.launch.params ?? {}));
    total += align(blocks.at(-1)!.byteLength);
  });
  const bytes = new Uint8Array(Math.max(total, 256));
  let at = 0;
  for (const block of blocks) {
    bytes.set(new Uint8Array(block), at);
    at += align(block.byteLength);
  }
  return { offsets, bytes };
}
