import type { Judgement, Proposed } from '../../app/desk/judgement.ts';
import type { Progress } from '../../app/reporter.ts';

export type { Judgement, Proposed };

/*
 * What a page asks of its worker. A *session* is one set of images on its way from a drop to a zip: a folder with the
 * packed pixels (`images/`), the person's answers (`answers.csv`), and the run (`run/`), as the command line writes it.
 * Everything that takes long runs in the worker and tells how far it is by events; calls answer at once or when their
 * work ends.
 */

/** Where images come from: a folder or files that the person gave, or the built-in demo. */
export type DroppedSource =
  | { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle }
  /** Paths relative to what was dropped, with `/`. */
  | { readonly kind: 'files'; readonly name: string; readonly files: readonly DroppedFile[] }
  | { readonly kind: 'demo'; readonly images: number };

/** A file and where it lay. */
export interface DroppedFile {
  /** Its path relative to what was dropped, with `/`. */
  readonly path: string;
  /** Its content. */
  readonly file: File;
}

/** What this browser offers. */
export interface StudioFacts {
  /** Name of the adapter; null where there is none, and `problem` tells what to do. */
  readonly adapter: string | null;
  /** Whether the adapter runs on the processor: everything is tens of times slower. */
  readonly software: boolean;
  /** What is wrong and what to do, in a sentence; null where all is well. */
  readonly problem: string | null;
  /** Where sessions are kept: `private` storage of the origin, or `memory`, which a reload loses. */
  readonly storage: 'private' | 'memory';
  /** Whether the browser promised not to clear the storage. */
  readonly persisted: boolean;
}

/** A session in the list of those that are kept here. */
export interface SessionSummary {
  /** Its folder's name. */
  readonly id: string;
  /** What the person knows it by. */
  readonly name: string;
  /** When it was made, ISO 8601. */
  readonly created: string;
  /** How many images it has. */
  readonly images: number;
  /** How many answers it has. */
  readonly answers: number;
  /** How far it has come. */
  readonly stage: SessionStage;
  /** Whether another tab has it open. */
  readonly inUse: boolean;
}

/** `collected`: the pixels are packed. `paused`: a training was interrupted. `ready`: there are features to label by. */
export type SessionStage = 'collected' | 'paused' | 'ready';

/** A session that is open. */
export interface SessionState extends SessionSummary {
  /** Side of the packed squares, in pixels. */
  readonly side: number;
  /** Path of each image. */
  readonly paths: readonly string[];
  /** Files that cannot be read, and why. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** Names of the classes, in the order of their keys. */
  readonly classes: readonly string[];
  /** By image: number of the class that the person gave, −1 none yet, `noneOfThese` that it belongs to none. */
  readonly given: Int32Array;
  /** What the features are from, in words; null where there are none yet. */
  readonly encoder: string | null;
  /** Opened while another tab has it: nothing can be changed. */
  readonly readOnly: boolean;
  /** What else to know, a line each: what was left out, how labels were read. */
  readonly notes: readonly string[];
}

/** What learns from the images before anything is labelled. */
export interface TrainingChoice {
  /**
   * `base`: the encoder that is shipped, at once. `file`: a given encoder's file. `hub`: one that is fetched. Otherwise a
   * pretext method's name.
   */
  readonly method: 'base' | 'file' | 'hub' | (string & Record<never, never>);
  /** The encoder's file, for `file`. */
  readonly file?: File;
  /** The encoder's name, for `hub`. */
  readonly name?: string;
  /** Passes over the images; by adapter and data where it is left open. */
  readonly epochs?: number;
  /** Images of a step; by adapter and data where it is left open. */
  readonly batch?: number;
  /** Width of the network; by adapter and data where it is left open. */
  readonly width?: number;
  /** The augmentation: a preset's name, or a policy of one's own as JSON. */
  readonly policy?: string | Readonly<Record<string, unknown>>;
}

/** How a training came to its end. */
export interface TrainingEnd {
  /** `done`, `paused` with a checkpoint, or `failed`: `message` then says why and what to do. */
  readonly state: 'done' | 'paused' | 'failed';
  /** How far the session is then; where a training failed, what there was before it may hold again. */
  readonly stage: SessionStage;
  /** In words; absent where it is done. */
  readonly message?: string;
  /** A smaller batch to try, where memory ran out. */
  readonly smallerBatch?: number;
}

/** What happens in the worker. */
export type StudioEvent =
  | ({ readonly kind: 'progress' } & Progress)
  | { readonly kind: 'note'; readonly text: string }
  /** An epoch's end; `chanceLoss` null where the method has none, `knnAccuracy` where there are no labels. */
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly loss: number;
      readonly chanceLoss: number | null;
      readonly knnAccuracy: number | null;
      readonly imagesPerSecond: number;
    }
  /** Where images lie on the map: x and y by image of `images`, −1 … 1. */
  | { readonly kind: 'map'; readonly images: Int32Array; readonly points: Float32Array }
  /** What the answers say, whenever it was found out anew. `quick` where confidences are not yet calibrated. */
  | { readonly kind: 'judged'; readonly quick: boolean; readonly judgement: Judgement }
  | { readonly kind: 'judging' }
  /** The device was lost; work goes on from the last kept step where `recovering`. */
  | { readonly kind: 'lost'; readonly recovering: boolean; readonly message: string }
  /** Something could not be kept: the storage is full or was refused. */
  | { readonly kind: 'storage'; readonly message: string };

/** Pairs of views as a policy makes them. */
export interface ViewPairs {
  /** For each image the original and two views, each side·side·3 bytes RGB, row by row. */
  readonly pixels: Uint8Array;
  /** Side of each, in pixels. */
  readonly side: number;
}

/** An answer about an image: a class's number, `none`, or that the person cannot say. */
export type Answer = number | 'none' | 'skip';

/** Answers that were taken back. */
export interface Undone {
  /** The images that they were about; none where there was nothing to take back. */
  readonly images: Int32Array;
  /** What is said of each again; null where nothing is. */
  readonly answers: readonly (Answer | null)[];
}

/** What can be taken home. */
export type TakeHome =
  /** All of it: the run's folder, packed pixels, answers. */
  | 'session'
  | 'labels.csv'
  | 'report.html'
  /** encoder.safetensors, head.safetensors and model.onnx. */
  | 'model';

/** The worker's side. Every method rejects with an Error whose message says what was wrong and what to do. */
export interface Studio {
  /** Looks at the browser; the first call. @param watch hears what happens from then on */
  start(watch: (event: StudioEvent) => void): Promise<StudioFacts>;
  /** The sessions that are kept here, newest first. */
  sessions(): Promise<readonly SessionSummary[]>;
  /** Reads, decodes and packs images into a new session, and opens it. An abort by `pause` leaves nothing. */
  collect(source: DroppedSource): Promise<SessionState>;
  /** Opens a session; only to look at where another tab has it. */
  open(id: string): Promise<SessionState>;
  /** Closes the open session. */
  close(): Promise<void>;
  /** Deletes a session for good. */
  remove(id: string): Promise<void>;
  /** Packed squares of images: side·side·3 bytes RGB each, in the order asked. */
  pixels(images: Int32Array): Promise<Uint8Array>;
  /** Views of some images by a policy, made by the kernels that training uses. */
  pairs(policy: TrainingChoice['policy'], images: Int32Array, seed: number): Promise<ViewPairs>;
  /** Trains, or takes a given encoder, and computes features of all images; ends by a map and a first judgement. */
  train(choice: TrainingChoice): Promise<TrainingEnd>;
  /** Goes on with a training that was paused. */
  resume(): Promise<TrainingEnd>;
  /** Stops what is running at the next step, with a checkpoint; `train` or `resume` then end. */
  pause(): Promise<void>;
  /** Adds a class. @returns the names of all classes */
  addClass(name: string): Promise<readonly string[]>;
  /** Renames a class. @returns the names of all classes */
  renameClass(index: number, name: string): Promise<readonly string[]>;
  /** Keeps an answer, before it resolves. @param origin how the person came to the image */
  answer(image: number, answer: Answer, origin: Proposed | 'own'): Promise<void>;
  /** Keeps the same answer for many images, as one step for `undo`. */
  answerAll(images: Int32Array, answer: Answer): Promise<void>;
  /** Takes the last answer back, also one of an earlier visit. */
  undo(): Promise<Undone>;
  /** Sets the error that is allowed among automatic labels, and judges anew. */
  setTarget(target: number): Promise<void>;
  /** Writes the run's files from the answers so far: labels.csv, report.html and the others. */
  finish(): Promise<{ readonly files: readonly string[]; readonly summary: string }>;
  /** A file to save; a zip where it is several. @throws where `finish` has not written it */
  takeHome(what: TakeHome): Promise<{ readonly name: string; readonly blob: Blob }>;
  /** Copies the session's files into a real folder that the person chose. */
  saveInto(folder: FileSystemDirectoryHandle): Promise<number>;
}
