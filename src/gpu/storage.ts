/**
 * A range of GPU memory. Persistent storage has its buffer from the start (parameters, data, state); planned storage
 * gets one when a recording ends and the lifetimes of all its intermediates are known.
 */
export class Storage {
  /** For error messages. */
  readonly label: string;
  /** Bytes that it holds. */
  readonly bytes: number;
  /** Planned storage that must outlive its program's run, because the host reads it. */
  kept = false;
  #buffer: GPUBuffer | undefined;
  #offset = 0;

  constructor(label: string, bytes: number, buffer?: GPUBuffer, offset = 0) {
    this.label = label;
    this.bytes = bytes;
    this.#buffer = buffer;
    this.#offset = offset;
  }

  /** Whether it has memory. */
  get placed(): boolean {
    return this.#buffer !== undefined;
  }

  /** The buffer that it lies in. @throws Error before it was placed */
  get buffer(): GPUBuffer {
    if (!this.#buffer) throw new Error(`storage '${this.label}' has no memory yet`);
    return this.#buffer;
  }

  /** In bytes; a multiple of 256, WebGPU's guaranteed alignment of bindings. */
  get offset(): number {
    return this.#offset;
  }

  /** Gives it its memory: `bytes` of the buffer from `offset` on. @throws Error where it has some already */
  place(buffer: GPUBuffer, offset: number): void {
    if (this.#buffer) throw new Error(`storage '${this.label}' is placed already`);
    this.#buffer = buffer;
    this.#offset = offset;
  }
}

/** Rounds up to the alignment that every adapter accepts for a binding's offset. */
export const align = (bytes: number): number => Math.ceil(bytes / 256) * 256;
