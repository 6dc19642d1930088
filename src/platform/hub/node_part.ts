import { createHash, type Hash } from 'node:crypto';
import { constants, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { unlessFull } from '../node_errors.ts';
import type { FilePart } from './fetch_file.ts';
import type { HubFile } from './hub.ts';

const readAtOnce = 1 << 20;

/** The hash of a file's content, to which bytes are added as they come. */
export function contentHash({ hash, bytes }: HubFile): Hash {
  // What git hashes is the content behind a header.
  return hash.kind === 'git' ? createHash('sha1').update(`blob ${bytes}\0`) : createHash('sha256');
}

/** A part of a file on the disk, with what an earlier attempt left in it. */
export class NodePart implements FilePart {
  readonly #path: string;
  readonly #target: string;
  readonly #handle: FileHandle;
  readonly #file: HubFile;
  #hash: Hash;
  #have = 0;
  #isClosed = false;

  private constructor(path: string, target: string, handle: FileHandle, file: HubFile) {
    this.#path = path;
    this.#target = target;
    this.#handle = handle;
    this.#file = file;
    this.#hash = contentHash(file);
  }

  /** Opens the part at a path, whose content goes to `target` once it is whole. */
  static async open(path: string, target: string, file: HubFile): Promise<NodePart> {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
    const part = new NodePart(path, target, handle, file);
    const buffer = new Uint8Array(readAtOnce);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, readAtOnce, part.#have);
      if (bytesRead === 0) return part;
      part.#hash.update(buffer.subarray(0, bytesRead));
      part.#have += bytesRead;
      // Longer than the file: it is begun anew.
      if (part.#have > file.bytes) return part;
    }
  }

  get have(): number {
    return this.#have;
  }

  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.#hash = contentHash(this.#file);
    this.#have = 0;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await unlessFull(this.#target, async () => {
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#have);
          this.#hash.update(bytes.subarray(done, done + bytesWritten));
          done += bytesWritten;
          this.#have += bytesWritten;
        }
      });
    } catch (error) {
      // What filled the disk is in the way of whoever makes room.
      await this.discard();
      throw error;
    }
  }

  async isRight(): Promise<boolean> {
    const { bytes, hash } = this.#file;
    return this.#have === bytes && this.#hash.copy().digest('hex') === hash.hex;
  }

  async place(): Promise<void> {
    await unlessFull(this.#target, () => this.#handle.sync());
    await this.close();
    await rename(this.#path, this.#target);
  }

  async discard(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#handle.close();
  }
}
