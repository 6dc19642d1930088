/** Bytes of a file that is read as a whole by what is written for that. */
const mostBytes = 1 << 26;

/** A file of this size is read at once: each reading takes milliseconds, however little it asks for. */
const fewBytes = 1 << 22;

/** The bytes of a file, read no more often than is needed. */
export class BlobBytes {
  readonly file: Blob;
  #whole: Promise<Uint8Array> | undefined;

  constructor(file: Blob) {
    this.file = file;
  }

  /** The first bytes, at most so many. @throws Error with a short reason */
  async start(length: number): Promise<Uint8Array> {
    if (!this.#whole && this.file.size > fewBytes) return bytesOf(this.file.slice(0, length));
    return (await this.all()).subarray(0, length);
  }

  /** All of them. @throws Error with a short reason */
  async all(): Promise<Uint8Array> {
    if (this.file.size > mostBytes)
      throw new Error(`over ${mostBytes >> 20} MB, more than is read of such a file`);
    this.#whole ??= bytesOf(this.file);
    return this.#whole;
  }
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  const buffer = await blob.arrayBuffer().catch((error: Error) => {
    const reason = reasons[error.name] ?? `cannot be read (${error.message})`;
    throw new Error(reason);
  });
  return new Uint8Array(buffer);
}

/** Why a file cannot be read at all, by the names of DOMExceptions. */
const reasons: Readonly<Record<string, string>> = {
  NotFoundError: 'no such file',
  NotReadableError: 'changed, moved or removed since it was given',
  NotAllowedError: 'may not be read',
};
