import { named, sentence, UserError } from '../errors.ts';

/** Of what is free; the rest is for what a program takes beside its buffers. */
const usableShare = 0.9;

/**
 * The memory that a software adapter's buffers lie in, which is the machine's: they are all granted and given memory where
 * they are first touched, so that nothing reports an error before the system ends the process.
 */
export class MainMemory {
  readonly #free: () => number | undefined;
  /** Bytes of buffers that were planned and are still counted as free. */
  #untouched = 0;

  /** @param free bytes that the process may still take; undefined where the system does not tell */
  constructor(free: () => number | undefined) {
    this.#free = free;
  }

  /** Bytes that may still be planned; infinite where the system does not tell. */
  get room(): number {
    const free = this.#free();
    return free === undefined ? Number.POSITIVE_INFINITY : Math.max(0, usableShare * free - this.#untouched);
  }

  /** @throws UserError where so many bytes are not free */
  require(bytes: number): void {
    const { room } = this;
    if (bytes <= room) return;
    throw new UserError(
      sentence`${mebibytes(bytes)} of memory are needed at once and ${mebibytes(room)} are free on this machine: lower ${named('batch')}, ${named('chunk')}, ${named('imageSize')} or ${named('width')}, or end other programs`,
    );
  }

  /** Counts buffers in that nothing has touched yet. @throws UserError where so many bytes are not free */
  reserve(bytes: number): void {
    this.require(bytes);
    this.#untouched += bytes;
  }

  /** The buffers are touched, or gone: what is free tells of them. */
  settle(bytes: number): void {
    this.#untouched -= bytes;
  }
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
