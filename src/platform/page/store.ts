import type { FileContent, FileInfo } from '../platform.ts';
import type { Parts } from './paths.ts';

/** What a file is to hold: text, bytes, or another file. */
export type Content = FileContent | Blob;

/** Puts a file into a folder that is being filled. @param parts its name inside. @throws Error where it is taken */
export type Put = (parts: Parts, content: Content) => Promise<void>;

/**
 * A tree of files. Its methods reject with what `explained` makes a sentence of: DOMExceptions as the File System standard
 * names them. What is being written is never seen in it.
 */
export interface Store {
  /** `private`: the origin's own. `memory`: lost with the page. `folder`: a real one. `given`: files, to be read. */
  readonly kind: 'private' | 'memory' | 'folder' | 'given';
  /** What lies at a path; undefined where nothing does. */
  stat(parts: Parts): Promise<FileInfo | undefined>;
  /** All files below a folder, as paths relative to it, in no order. @param onSkip told of folders that cannot be read */
  list(parts: Parts, onSkip?: (path: string, reason: string) => void): Promise<string[]>;
  /** A file as it is at this time. */
  file(parts: Parts): Promise<Blob>;
  /** Replaces a file's content as a whole, or leaves it. */
  write(parts: Parts, content: Content): Promise<void>;
  /** Adds to a file's end. */
  append(parts: Parts, text: string): Promise<void>;
  /** Makes a folder and those above it. */
  makeFolder(parts: Parts): Promise<void>;
  /** Makes a folder with all that is put into it, or nothing. */
  writeFolder(parts: Parts, fill: (put: Put) => Promise<void>): Promise<void>;
  /** Deletes a file, or a folder with all in it. */
  remove(parts: Parts): Promise<void>;
}
