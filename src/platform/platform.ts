import type { RawImage } from '../formats/images/raw_image.ts';
import type { SampleRange, ScreenImage } from '../formats/images/screen_values.ts';
import type { Hub } from './hub/hub.ts';
import type { RankLink } from './mpi/rank_link.ts';

export type { Hub, HubFile, HubPlace, HubRevision } from './hub/hub.ts';
export type { RankLine, RankLink, Traffic } from './mpi/rank_link.ts';

/** What differs between Node and a page. Everything else in the project runs unchanged in both. */
export interface Platform {
  /** Which of the two it is. */
  readonly name: 'node' | 'browser';
  /** The way to WebGPU. */
  readonly gpu: GpuAccess;
  /** File access and image decoding. */
  readonly files: Files;
  /** What is kept for later processes or visits. */
  readonly cache: TextCache;
  /**
   * The bytes of a file that is shipped with kindred, by its name in the folder `encoders`: `base/model.safetensors`.
   * @throws UserError where it is missing
   */
  shipped(name: string): Promise<Uint8Array>;
  /**
   * The hub of models, from which encoders are fetched when a person says so.
   * @param files those of a page, in which it keeps what it fetches; Node has a cache of its own
   * @throws UserError for settings of the environment that are none
   */
  hub(files: Files): Hub;
  /** Where a page keeps files and reads those that were given to it; absent in Node, which has a disk. */
  readonly pageStorage?: PageStorage;
  /** Small choices of a person about a page, such as its colours; absent in Node. */
  readonly preferences?: Preferences;
  /**
   * The way to the other processes that MPI started together with this one; undefined where it was started alone. Absent
   * in a page.
   * @param patience seconds that it waits for the others in one exchange, before it gives the run up
   * @throws UserError where MPI or what calls it is not installed, or MPI sees another number of processes than were started
   */
  readonly ranks?: (patience: number) => Promise<RankLink | undefined>;
  /**
   * Lets one process work on each of several GPUs of this machine, before any device is opened: where this one was started
   * alone it starts so many by mpirun, each with its arguments, and waits for their end; where it is one of them it takes
   * its own GPU. Absent in a page.
   * @param wanted how many, or all that there are
   * @returns the exit code of those that were started; undefined where this process is to do the work
   * @throws UserError where there are not so many, or mpirun is not installed, or processes cannot be told apart
   */
  readonly takeDevices?: (wanted: number | 'all') => Promise<number | undefined>;
}

/** Small choices that outlive a visit, where the browser lets them. */
export interface Preferences {
  /** What was chosen; undefined where nothing was. */
  read(name: string): string | undefined;
  /** Keeps a choice. */
  write(name: string, choice: string): void;
}

/** What a page can read and write: storage of its own, and what people give to it. In a dedicated worker it is fastest. */
export interface PageStorage {
  /**
   * The page's own files, in the origin's private file system; in memory where the browser refuses that. Folders that are
   * mounted are seen in them.
   */
  open(): Promise<PageFiles>;
  /**
   * Asks the browser not to clear the storage by itself, which only a window can ask, not a worker; browsers answer by how
   * the page is used, or ask the person. @returns whether it promised
   */
  persist(): Promise<boolean>;
}

/** A page's files. */
export interface PageFiles {
  /** Reads and writes them. */
  readonly files: Files;
  /** `memory` is lost with the page. */
  readonly kind: 'private' | 'memory';
  /** Whether the browser has promised not to clear the storage by itself; see `PageStorage.persist`. */
  readonly persisted: boolean;
  /**
   * Shows what a person gave as a folder of `files`: a real folder, or files with their paths relative to what was dropped.
   * @param place where it is seen, a path in `files`
   */
  mount(place: string, source: FileSystemDirectoryHandle | readonly GivenFile[]): Promise<void>;
  /** Ends that. */
  unmount(place: string): void;
  /** Deletes a folder of the page's own with all that is in it. */
  remove(folder: string): Promise<void>;
  /** The bytes of a file, to be read when they are needed. @throws UserError where it is missing */
  blob(path: string): Promise<Blob>;
  /**
   * Takes a name for this tab while it lives.
   * @param patience `reload`: waits three seconds for who has it, in which a browser ends the worker of a page that was
   * loaded anew; without it the answer comes at once
   */
  claim(name: string, patience?: 'reload'): Promise<NameClaim>;
}

/** What came of asking for a name. */
export interface NameClaim {
  /** Whether this tab has it; false where another has. */
  readonly own: boolean;
  /** Gives it back. */
  readonly release: () => void;
}

/** A file that a person gave, and where it lay. */
export interface GivenFile {
  /** Its path relative to what was given, with `/`. */
  readonly path: string;
  /** Its content. */
  readonly file: Blob;
}

/**
 * What can be made again, kept for later processes or visits under short names. It may be gone at any time, or hold what
 * another version wrote; where it cannot be read it is empty, and nothing fails.
 */
export interface TextCache {
  /** The text kept under a name; undefined where nothing is. */
  read(name: string): Promise<string | undefined>;
  /** Replaces the whole text. Undefined, or why it could not be kept. */
  write(name: string, text: string): Promise<string | undefined>;
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
  /**
   * Bytes of main memory that this process may still take, by what the system has and any limit that it runs under;
   * undefined where that cannot be told, as in a page.
   */
  freeMemory(): number | undefined;
}

/** Size and kind of a path. */
export interface FileInfo {
  /** What lies at the path, behind links. */
  readonly kind: 'file' | 'folder';
  /** Size of a file; of a folder whatever the system tells. */
  readonly bytes: number;
}

/** What a file is to hold; pieces are written as they come, so that the whole never lies in memory. */
export type FileContent = Uint8Array | string | Iterable<string | Uint8Array>;

/** An image in memory, of any shape: RGB, row by row. */
export type DecodedImage = ScreenImage;

/**
 * How an image that is no square becomes one: its longer side is cut off on both sides, what the shorter one lacks is
 * black, or the image is squeezed.
 */
export const fits = ['crop', 'pad', 'squash'] as const satisfies readonly Fit[];
/** One of `fits`. */
export type Fit = 'crop' | 'pad' | 'squash';

/** How an image file is decoded. */
export interface Decoding {
  /** Which image of a file that holds several, from 0; by default that of a path such as `stack.tif#3`, else the first. */
  readonly page?: number | undefined;
  /**
   * Which numbers are shown black and white, where a file has more than 8 bits; by default the image's own least and
   * greatest, or as the file says.
   */
  readonly range?: SampleRange | undefined;
  /** How it becomes a square; `crop` by default. */
  readonly fit?: Fit | undefined;
}

/** A folder that is being filled; see `Files.writeFolder`. Names are relative, with `/`; their folders are made. */
export interface NewFolder {
  /** Writes a file of that name. @throws Error where the name leads outside or is taken */
  write(name: string, content: FileContent): Promise<void>;
  /** Copies the file at `from` to a name in the folder. @throws Error where the name leads outside or is taken */
  copy(name: string, from: string): Promise<void>;
  /**
   * A symbolic link to the real place of the file at `from`; a copy where the system has no links.
   * @throws Error where the name leads outside or is taken
   */
  link(name: string, from: string): Promise<void>;
}

/** A folder that belongs to this process until it is given back. */
export interface FolderLock {
  /** Who held the folder and is gone without giving it back, in words; undefined where nobody did. */
  readonly takenFrom: string | undefined;
  /** Gives the folder back. */
  release(): Promise<void>;
}

/** A dataset of an HDF5 file. */
export interface Hdf5Dataset {
  /** Its path in the file, without a slash in front: `train/images`. */
  readonly name: string;
  /** Its sides; none for a single element. */
  readonly shape: readonly number[];
  /** What its elements are; `other` for records, references and what else HDF5 has. */
  readonly elements: 'bytes' | 'numbers' | 'text' | 'other';
  /** The elements' type, for messages: `float32`. */
  readonly type: string;
  /** The names of the filters that its chunks went through when they were written. */
  readonly filters: readonly string[];
  /** Some entries along the first side, the last side running fastest. @throws Error where the file is damaged */
  read(first: number, count: number): ArrayLike<number | bigint | string>;
}

/** File access and image decoding. Paths are the platform's own; lists use `/` and are sorted by code unit. */
export interface Files {
  /** Size and kind of what lies at a path, behind links; undefined where nothing does. */
  stat(path: string): Promise<FileInfo | undefined>;
  /**
   * All files below a folder, recursively, as sorted paths relative to it, with `/` between parts.
   * @param onSkip told of what lies below and cannot be listed: folders that may not be read, links that lead nowhere
   */
  list(folder: string, onSkip?: (path: string, reason: string) => void): Promise<string[]>;
  /** All bytes of a file. @throws UserError where it is missing or may not be read */
  read(path: string): Promise<Uint8Array>;
  /** `length` bytes from `offset`; fewer only at the end of the file. */
  readSlice(path: string, offset: number, length: number): Promise<Uint8Array>;
  /**
   * The datasets of an HDF5 file, of all its groups; links to other files are left out.
   * @throws UserError for a file that is none, and where the library for it is not installed
   */
  openHdf5(path: string): Promise<readonly Hdf5Dataset[]>;
  /**
   * Writes to a temporary name in the same folder, syncs, renames: readers see the old file or the new one.
   * @throws UserError for a full disk; the old file stays
   */
  writeAtomic(path: string, data: FileContent): Promise<void>;
  /** Adds text to the end of a file, and makes the file where it is missing. @throws UserError for a full disk */
  append(path: string, text: string): Promise<void>;
  /**
   * Makes a folder, new or empty until now, with all that `fill` puts into it, or leaves everything as it was: it is
   * filled under a temporary name beside its own.
   * @throws UserError where something lies at the path, or the disk is full
   */
  writeFolder(path: string, fill: (folder: NewFolder) => Promise<void>): Promise<void>;
  /** Deletes a file, unless none is there. */
  removeFile(path: string): Promise<void>;
  /** Makes a folder and those above it, unless they are there. @throws UserError for a full disk */
  makeFolder(path: string): Promise<void>;
  /**
   * Takes a folder for this process, by a file `run.lock` in it that names process and host. A lock whose owner is gone is
   * taken over.
   * @throws UserError where another process that lives has it
   */
  lock(folder: string): Promise<FolderLock>;
  /** One path from parts, as the platform writes paths. */
  join(...parts: string[]): string;
  /**
   * Decodes an image file to `size`×`size` RGB bytes (row by row, 3 bytes a pixel): EXIF-rotated, alpha over white, more
   * than 8 bits by a range, shorter side resized to `size`, centre crop. Its kind is told by its content.
   * @throws Error with a short reason (`truncated or damaged`, `not an image`, `over 50 megapixels`, …)
   */
  decodeImage(path: string, size: number, how?: Decoding): Promise<Uint8Array>;
  /**
   * Decodes an image file at its own size: EXIF-rotated, alpha over white, more than 8 bits by a range. Up to 150 MB: of
   * a larger JPEG every second or fourth pixel a row and column, as a mean of those left out.
   * @throws Error with a short reason, as `decodeImage`
   */
  decodeWhole(path: string, how?: Omit<Decoding, 'fit'>): Promise<DecodedImage>;
  /**
   * The numbers of an image that has more than 8 bits, before a range is applied; undefined for others.
   * @throws Error with a short reason, as `decodeImage`
   */
  readSamples(path: string, page?: number): Promise<RawImage | undefined>;
  /**
   * Width and height of an image file as it is to be seen (EXIF-rotated).
   * @throws Error with a short reason, as `decodeImage`
   */
  imageSize(path: string, page?: number): Promise<{ readonly width: number; readonly height: number }>;
  /** Encodes width·height·3 RGB bytes (row by row) as a JPEG file's bytes, of a quality for small pictures (80). */
  encodeJpeg(pixels: Uint8Array, width: number, height: number): Promise<Uint8Array>;
  /** Encodes width·height·3 RGB bytes (row by row) as a PNG file's bytes, without loss. */
  encodePng(pixels: Uint8Array, width: number, height: number): Promise<Uint8Array>;
}
