/*
 * What browsers offer of the File System standard (https://fs.spec.whatwg.org) and TypeScript's page types lack. Members
 * that some browser lacks are optional: they are used where they are there.
 */

/** Reads and writes a file of the private file system at once, in a dedicated worker alone. It locks the file. */
export interface SyncAccessHandle {
  getSize(): number;
  truncate(size: number): void;
  /** @returns how many bytes were written */
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  flush(): void;
  close(): void;
}

/** A file's handle. */
export interface FileHandle {
  readonly kind: 'file';
  readonly name: string;
  getFile(): Promise<File>;
  createSyncAccessHandle?(): Promise<SyncAccessHandle>;
  /** Writes to a swap file, which takes the file's place when it is closed. */
  createWritable?(options?: { readonly keepExistingData: boolean }): Promise<WritableFile>;
  /** Puts the file in another's place, or where none is. */
  move?(folder: FolderHandle, name: string): Promise<void>;
}

/** What is written to a file as a whole. */
export interface WritableFile {
  seek(position: number): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** A folder's handle. Its methods reject with DOMException: `NotFoundError`, `TypeMismatchError`, `NotAllowedError`, … */
export interface FolderHandle {
  readonly kind: 'directory';
  readonly name: string;
  getFileHandle(name: string, options?: { readonly create: boolean }): Promise<FileHandle>;
  getDirectoryHandle(name: string, options?: { readonly create: boolean }): Promise<FolderHandle>;
  removeEntry(name: string, options?: { readonly recursive: boolean }): Promise<void>;
  /** Hands them out in portions, of which the iterator makes one row. */
  entries(): AsyncIterable<readonly [name: string, handle: FileHandle | FolderHandle]>;
}
