/** What differs between Node and a page. Everything else in the project runs unchanged in both. */
export interface Platform {
  readonly name: 'node' | 'browser';
  readonly gpu: GpuAccess;
  readonly files: Files;
}

/** The way to WebGPU. */
export interface GpuAccess {
  /**
   * The best adapter here: a real GPU, else the fastest software driver.
   * @throws NoAdapterError saying what to install where there is none
   */
  requestAdapter(): Promise<GPUAdapter>;
  /**
   * Waits for a GPU promise without taking a processor core from a software driver: Dawn's Node binding
   * spins the main thread while a promise is pending, so Node sleeps between polls; a page just awaits.
   */
  wait<T>(pending: Promise<T>): Promise<T>;
}

/** Size and kind of a path. */
export interface FileInfo {
  readonly kind: 'file' | 'folder';
  readonly bytes: number;
}

/** File access and image decoding. Paths are the platform's own; lists use `/` and are sorted by code unit. */
export interface Files {
  /** Undefined where nothing lies at the path. */
  stat(path: string): Promise<FileInfo | undefined>;
  /** All files below a folder, recursively, as sorted paths relative to it, with `/` between parts. */
  list(folder: string): Promise<string[]>;
  read(path: string): Promise<Uint8Array>;
  /** `length` bytes from `offset`; fewer only at the end of the file. */
  readSlice(path: string, offset: number, length: number): Promise<Uint8Array>;
  /** Writes to a temporary name in the same folder, syncs, renames: readers see the old file or the new one. */
  writeAtomic(path: string, data: Uint8Array | string): Promise<void>;
  append(path: string, text: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  join(...parts: string[]): string;
  /**
   * Decodes a PNG, JPEG or WebP file to `size`×`size` RGB bytes (row by row, 3 bytes a pixel): EXIF-rotated, first
   * frame, alpha over white, shorter side resized to `size`, centre crop.
   * @throws Error with a short reason (`truncated`, `not an image`, `over 50 megapixels`, …)
   */
  decodeImage(path: string, size: number): Promise<Uint8Array>;
  /** Encodes width·height·3 RGB bytes (row by row) as a JPEG file's bytes, of a quality for small pictures (80). */
  encodeJpeg(pixels: Uint8Array, width: number, height: number): Promise<Uint8Array>;
}
