import { DeviceLostError, named, sentence, UserError } from '../errors.ts';
import type { GpuAccess } from '../platform/platform.ts';
import { type Capabilities, describeAdapter } from './capabilities.ts';
import { MainMemory } from './main_memory.ts';
import { type MatrixSyntax, matrixFeature, probeMatrixSyntax } from './matrix_units.ts';
import { outOfMemory } from './out_of_memory.ts';
import { PipelineCache } from './pipeline_cache.ts';
import { requestDevice } from './request_device.ts';
import { align, Storage } from './storage.ts';

export type { Capabilities };

/** A range of one storage that becomes one of another; all numbers are multiples of 4. */
export interface Copy {
  /** Where the bytes come from. */
  readonly from: Storage;
  /** Where the range begins in `from`, in bytes. */
  readonly fromByte: number;
  /** Where the bytes go. */
  readonly to: Storage;
  /** Where the range begins in `to`, in bytes. */
  readonly toByte: number;
  /** Length of the range. */
  readonly bytes: number;
}

type Names = Pick<Capabilities, 'vendor' | 'architecture' | 'device' | 'description'>;

/** What measurements are kept under: another card, or another driver of it, is another adapter. */
export const adapterKey = ({ vendor, architecture, device, description }: Names): string =>
  [vendor, architecture, device, description].join(' | ');

/** A graphics card as its owner knows it, with its driver; a software adapter by its driver alone. */
export function adapterName({ driver, device, description }: Names & Pick<Capabilities, 'driver'>): string {
  if (driver !== 'gpu' || description.includes(device)) return description;
  return `${device}, ${description}`;
}

const smallBytes = 2 ** 24;

/** What a program asks of an adapter. */
export interface ProgramNeeds {
  /** Bytes of each buffer that its intermediates share, the largest first. */
  readonly buffers: readonly number[];
  /** Most workgroups of one of its kernel calls along one axis. */
  readonly workgroups: number;
}

/** The device: the one owner of WebGPU calls, of every buffer and of the pipeline cache. */
export class Gpu {
  /** What the adapter is and offers. */
  readonly capabilities: Capabilities;
  /** The compiled kernels. */
  readonly pipelines: PipelineCache;
  /** Buffers created so far and their bytes: a replayed step must not move either. */
  readonly allocated = { buffers: 0, bytes: 0 };
  /** What the buffers lie in, where that is the machine's memory: of a software adapter. */
  readonly memory: MainMemory;
  /** The WebGPU device; calls of it belong into `src/gpu`. */
  readonly device: GPUDevice;
  /** Held for the GPU object behind it: collected as garbage, it would end the process while its device is in use. */
  readonly #access: GpuAccess;
  readonly #versions = new WeakMap<GPUBuffer, number>();
  #failure: Error | undefined;
  #lost: DeviceLostError | undefined;
  #destroyed = false;

  private constructor(
    device: GPUDevice,
    capabilities: Capabilities,
    access: GpuAccess,
    matrixSyntax: MatrixSyntax | undefined,
  ) {
    this.device = device;
    this.capabilities = capabilities;
    this.pipelines = new PipelineCache(device, {
      compilesAtDispatch: capabilities.driver === 'llvmpipe',
      matrixSyntax,
    });
    this.#access = access;
    this.memory = new MainMemory(() => (capabilities.driver === 'gpu' ? undefined : access.freeMemory()));
    device.lost.then(({ message }) => {
      if (this.#destroyed) return;
      this.#lost = new DeviceLostError(`the GPU was lost${message ? ` (${message})` : ''}`);
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#failure ??= outOfMemory(error, this.allocated.bytes) ?? new Error(`WebGPU: ${error.message}`);
    });
  }

  /** @throws NoAdapterError where the machine has no WebGPU adapter */
  static async create(access: GpuAccess): Promise<Gpu> {
    const adapter = await access.requestAdapter();
    const wanted = ['timestamp-query', 'subgroups', 'shader-f16', matrixFeature] as const;
    const offered = wanted.filter((feature) => adapter.features.has(feature));
    const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
    const { maxComputeWorkgroupStorageSize } = adapter.limits;
    const requiredLimits = {
      maxBufferSize,
      maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize,
    };
    const { device, requiredFeatures } = await requestDevice(access, adapter, offered, requiredLimits);
    const syntax = requiredFeatures.includes(matrixFeature)
      ? await access.wait(probeMatrixSyntax(device))
      : undefined;
    return new Gpu(device, describeAdapter(adapter, requiredFeatures), access, syntax);
  }

  /** Persistent storage, zeroed, or holding `data`. @throws UserError where it is larger than the adapter allows */
  storage(label: string, bytes: number, data?: ArrayBufferView): Storage {
    this.requireRoom(label, bytes);
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const storage = new Storage(label, bytes, this.createBuffer(label, bytes, STORAGE | COPY_SRC | COPY_DST));
    if (data) this.write(storage, data);
    return storage;
  }

  /** Bytes that one storage may have. */
  get largestBuffer(): number {
    return Math.min(this.capabilities.maxBindingBytes, this.device.limits.maxBufferSize);
  }

  /** Workgroups that a kernel call may have along one axis. */
  get largestGrid(): number {
    return this.device.limits.maxComputeWorkgroupsPerDimension;
  }

  /** Whether a program would find buffers large enough, grids long enough and, of a software adapter, memory. */
  allows(needs: ProgramNeeds): boolean {
    return this.shareAllowed(needs) >= 1;
  }

  /** How much of what a program needs the adapter allows: 1 and more is all of it. */
  shareAllowed({ buffers, workgroups }: ProgramNeeds): number {
    const total = buffers.reduce((sum, bytes) => sum + align(bytes), 0);
    return Math.min(
      this.largestBuffer / Math.max(1, ...buffers),
      this.largestGrid / Math.max(1, workgroups),
      total < smallBytes ? 1 : this.memory.room / total,
    );
  }

  /** @throws UserError where the adapter allows no storage of so many bytes, or the machine has no memory for it */
  requireRoom(label: string, bytes: number): void {
    const limit = this.largestBuffer;
    if (bytes > limit)
      throw new UserError(
        sentence`'${label}' needs ${bytes} bytes in one buffer and this adapter allows ${limit}: lower ${named('batch')}, ${named('imageSize')} or ${named('width')}`,
      );
    // To ask what is free takes longer than to make a small buffer.
    if (bytes >= smallBytes) this.memory.require(bytes);
  }

  /**
   * A buffer of at least so many bytes, zeroed, in multiples of 256; it counts in `allocated` until it is destroyed.
   */
  createBuffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = align(Math.max(bytes, 1));
    this.allocated.buffers++;
    this.allocated.bytes += size;
    return this.device.createBuffer({ label, size, usage });
  }

  /** Gives a buffer of `createBuffer` back. */
  destroyBuffer(buffer: GPUBuffer): void {
    this.allocated.buffers--;
    this.allocated.bytes -= buffer.size;
    buffer.destroy();
  }

  /**
   * Overwrites a storage from `byteOffset` on. Both that and the length of `data` must be multiples of 4 bytes.
   * @throws RangeError where `data` reaches beyond the storage's end
   */
  write(storage: Storage, data: ArrayBufferView, byteOffset = 0): void {
    if (byteOffset + data.byteLength > align(storage.bytes)) {
      throw new RangeError(
        `'${storage.label}' holds ${storage.bytes} bytes, not ${byteOffset + data.byteLength}`,
      );
    }
    this.noteWrite(storage.buffer);
    const { buffer, byteOffset: start, byteLength } = data;
    this.device.queue.writeBuffer(
      storage.buffer,
      storage.offset + byteOffset,
      buffer as ArrayBuffer,
      start,
      byteLength,
    );
  }

  /** Copies ranges of storages to others, in one submission and in order. */
  copy(copies: readonly Copy[]): void {
    const encoder = this.device.createCommandEncoder();
    for (const { from, fromByte, to, toByte, bytes } of copies)
      encoder.copyBufferToBuffer(from.buffer, from.offset + fromByte, to.buffer, to.offset + toByte, bytes);
    this.device.queue.submit([encoder.finish()]);
    for (const { to } of copies) this.noteWrite(to.buffer);
  }

  /** Counts a write into a buffer: by the host, by a copy, or by a program that binds it for writing. */
  noteWrite(buffer: GPUBuffer): void {
    this.#versions.set(buffer, this.versionOf(buffer) + 1);
  }

  /** Writes into a buffer so far: where it is as before, so is what the buffer holds. */
  versionOf(buffer: GPUBuffer): number {
    return this.#versions.get(buffer) ?? 0;
  }

  /**
   * Copies storages to the host through one staging buffer, in one submission and one wait.
   * @returns the bytes of each, in order
   * @throws Error the first that the device reported since the last check
   */
  async read(storages: readonly Storage[]): Promise<ArrayBuffer[]> {
    const { MAP_READ, COPY_DST } = GPUBufferUsage;
    const offsets: number[] = [];
    let total = 0;
    for (const storage of storages) {
      offsets.push(total);
      total += align(storage.bytes);
    }
    const staging = this.createBuffer('readback', total, MAP_READ | COPY_DST);
    try {
      const encoder = this.device.createCommandEncoder();
      storages.forEach((storage, i) => {
        const bytes = Math.ceil(storage.bytes / 4) * 4;
        encoder.copyBufferToBuffer(storage.buffer, storage.offset, staging, offsets[i]!, bytes);
      });
      this.device.queue.submit([encoder.finish()]);
      await this.#access.wait(staging.mapAsync(GPUMapMode.READ)).catch(async (error) => {
        // The device tells that it is lost behind what it could not do.
        await this.#settled();
        // A buffer without memory cannot be mapped: why it has none says more.
        this.check();
        throw outOfMemory(error, this.allocated.bytes) ?? error;
      });
      this.check();
      const mapped = staging.getMappedRange();
      return storages.map((storage, i) => mapped.slice(offsets[i]!, offsets[i]! + storage.bytes));
    } finally {
      this.destroyBuffer(staging);
    }
  }

  /** Waits until all submitted work is done. */
  async idle(): Promise<void> {
    await this.#access.wait(this.device.queue.onSubmittedWorkDone());
    this.check();
  }

  /** Lets what the device has to say of its own loss arrive. */
  async #settled(): Promise<void> {
    const soon = new Promise((resolve) => setTimeout(resolve, 50));
    await this.#access.wait(Promise.race([this.device.lost, soon]));
  }

  /** Waits for a promise of WebGPU, which in Node resolves only while the device is polled. */
  wait<T>(pending: Promise<T>): Promise<T> {
    return this.#access.wait(pending);
  }

  /** @throws DeviceLostError where the device is lost; else the first error that it reported since the last check */
  check(): void {
    if (this.#lost) throw this.#lost;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
  }

  /** Gives all memory back; nothing of this device works afterwards, and the process can end. */
  destroy(): void {
    this.#destroyed = true;
    this.device.destroy();
  }
}
